using Fn.Runner.Drivers.Process;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>The runtime that was found, and the machine as it was found. Immutable.</summary>
/// <param name="Program">The runtime.</param>
/// <param name="Cgroups">Which limits are enforced.</param>
/// <param name="Init">The program that is the first process of each container; null: the function itself is.</param>
/// <param name="Children">Tells when a program has ended.</param>
internal sealed record RuntimeSetup(RuntimeProgram Program, Cgroups Cgroups, string? Init, ChildWatch Children)
{
    /// <summary>The words that start a container and leave it alone.</summary>
    public IReadOnlyList<string> Run(ContainerPlace place, string id) => Program.Words(
        Cgroups, place.StateOf(Program.Kind), "--log", Program.Kind == "crun" ? $"file:{place.ErrorFile}" : place.ErrorFile, "--log-format", "json", "run", "--detach", "--bundle", place.Directory, "--pid-file", place.PidFile, id);

    /// <summary>Removes a container, running or not, and what the runtime and the kernel keep for it.</summary>
    public Task<(int Code, string Output)> DeleteAsync(ContainerPlace place, string id) =>
        Command.RunAsync(Program.Words(Cgroups, place.StateOf(Program.Kind), "delete", "--force", id), Children);
}
