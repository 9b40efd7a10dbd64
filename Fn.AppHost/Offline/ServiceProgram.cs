using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Fn.AppHost.Offline;

/// <summary>How a project's program is started: with the environment variables that Aspire gives it, and no others of its own.</summary>
internal static class ServiceProgram
{
    private const string Otlp = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Of the environment of this process, what says how this one is to run and not its children.</summary>
    private static readonly string[] NotInherited = ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    /// <exception cref="AppHostException">The program is not there.</exception>
    public static ProcessStartInfo Describe(ProjectResource resource)
    {
        var name = Path.GetFileNameWithoutExtension(resource.Project.ProjectPath);
        var directory = Path.GetDirectoryName(resource.Project.ProjectPath)!;
        var start = new ProcessStartInfo(Program(name)) { WorkingDirectory = directory };
        foreach (var variable in NotInherited)
            start.Environment.Remove(variable);
        foreach (var (variable, value) in Variables(resource, LaunchProfile.Read(directory), start.Environment.ContainsKey(Otlp)))
            start.Environment[variable] = value;
        return start;
    }

    /// <summary>All variables that a service is given. Those of the model go before those of its launch profile.</summary>
    internal static Dictionary<string, string> Variables(ProjectResource resource, LaunchProfile? profile, bool withTelemetry)
    {
        var variables = new Dictionary<string, string>(resource.Environment);
        if (resource.Port is { } port)
            variables["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        foreach (var (name, value) in resource.References.SelectMany(reference => reference.ReferenceVariables()))
            variables[name] = value;
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        if (withTelemetry)
            AddTelemetry(variables, resource.Name);
        if (profile is not null)
        {
            variables.TryAdd("DOTNET_LAUNCH_PROFILE", profile.Name);
            foreach (var (name, value) in profile.Environment)
                variables.TryAdd(name, value);
        }
        return variables;
    }

    /// <summary>The endpoint itself is inherited. What comes late in a dashboard is of little use while one develops, so all is sent and soon.</summary>
    private static void AddTelemetry(Dictionary<string, string> variables, string name)
    {
        variables["OTEL_SERVICE_NAME"] = name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8);
        variables["OTEL_BLRP_SCHEDULE_DELAY"] = variables["OTEL_BSP_SCHEDULE_DELAY"] = variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        variables["OTEL_TRACES_SAMPLER"] = "always_on";
        variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }

    /// <summary>Built with this one and beside it: BINARIES/PROJECT/CONFIGURATION.</summary>
    private static string Program(string name)
    {
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(own.Parent!.Parent!.FullName, name, own.Name, name);
        return File.Exists(program) ? program : throw new AppHostException($"{program} is not there: build {name}");
    }
}
