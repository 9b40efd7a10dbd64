using System.ComponentModel;
using System.Globalization;
using Fn.Runner.Drivers.Process;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>The runtime that was found, and the machine as it was found. Immutable.</summary>
/// <param name="Program">The runtime.</param>
/// <param name="Cgroups">Which limits are enforced.</param>
/// <param name="Init">The program that is the first process of each container; null: the function itself is.</param>
/// <param name="Children">Tells when a program has ended.</param>
internal sealed record RuntimeSetup(RuntimeProgram Program, Cgroups Cgroups, string? Init, ChildWatch Children)
{
    /// <summary>Longest time that removing one container may take a runtime. It takes some hundredths.</summary>
    private static readonly TimeSpan DeleteLimit = TimeSpan.FromSeconds(10);

    /// <summary>Has the runtime start a container and leave it alone. Throws <see cref="Win32Exception"/>.</summary>
    public Command Run(ContainerPlace place, string id)
    {
        var log = Program.Kind == "crun" ? $"file:{place.ErrorFile}" : place.ErrorFile;
        var words = Program.Words(
            Cgroups, place.StateOf(Program.Kind), "--log", log, "--log-format", "json", "run", "--detach", "--bundle", place.Directory, "--pid-file", place.PidFile, id);
        return Command.Start(words, Children, Program.Unseen(Cgroups));
    }

    /// <summary>Removes a container, running or not, and what the runtime and the kernel keep for it. Null: it is gone; else what the runtime said.</summary>
    public async Task<string?> RemoveAsync(ContainerPlace place, string runnerId, string id)
    {
        var (code, output) = await Command.RunAsync(
            Program.Words(Cgroups, place.StateOf(Program.Kind), "delete", "--force", id), Children, limit: DeleteLimit, unseen: Program.Unseen(Cgroups));
        // What a runtime leaves, for whatever reason, the kernel still has by its group.
        if (await Cgroups.GroupOf(runnerId, id).RemoveAsync() && (code == 0 || Cgroups.HoldContainers))
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"{Program.Kind} ended with exit code {code}: {output}");
    }
}
