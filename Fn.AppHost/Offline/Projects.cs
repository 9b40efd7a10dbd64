using Fn.AppHost;

// Aspire generates a class for each project that the AppHost references, in this namespace and by these names.
namespace Projects;

internal sealed class Fn_Api : IProjectMetadata
{
    public string ProjectPath { get; } = Path.Combine(AppHostFolder.Root, "Fn.Api", "Fn.Api.csproj");
}

internal sealed class Fn_Runner : IProjectMetadata
{
    public string ProjectPath { get; } = Path.Combine(AppHostFolder.Root, "Fn.Runner", "Fn.Runner.csproj");
}
