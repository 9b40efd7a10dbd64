using Fn.Runner.Drivers.Process;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Drivers.Oci.Runtime;

/// <summary>Finds what containers are run with, once; what is missing is looked for again each time. Thread-safe.</summary>
internal sealed partial class RuntimeFinder(IOptions<OciOptions> options, IOptions<RunnerOptions> runner, Func<Cgroups> findCgroups, ILogger<RuntimeFinder> logger) : IDisposable
{
    private static readonly string[] Inits = ["docker-init", "tini-static", "catatonit"];

    private readonly ChildWatch _children = new();
    private readonly SemaphoreSlim _finding = new(1, 1);
    private volatile RuntimeSetup? _found;

    /// <summary>Tells when a program has ended.</summary>
    public ChildWatch Children => _children;

    /// <summary>The runtime and the machine, or why no container can be run.</summary>
    public async ValueTask<(RuntimeSetup? Setup, string? Error)> FindAsync()
    {
        if (_found is { } known)
            return (known, null);
        await _finding.WaitAsync();
        try
        {
            if (_found is { } meanwhile)
                return (meanwhile, null);
            var (setup, error) = await FindAsync(options.Value.Runtime);
            _found = setup;
            return (setup, error);
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>The groups of containers, whatever made them.</summary>
    public Cgroups FindGroups() => _found?.Cgroups ?? findCgroups();

    /// <summary>The runtime of a kind, to remove what it made; null: it is not there any more.</summary>
    public async Task<RuntimeSetup?> FindKindAsync(string kind)
    {
        if ((await FindAsync()).Setup is { } used && used.Program.Kind == kind)
            return used;
        var (program, _) = await RuntimeProgram.FindAsync(kind, _children);
        return program is null ? null : new RuntimeSetup(program, findCgroups(), null, _children);
    }

    public void Dispose()
    {
        _children.Dispose();
        _finding.Dispose();
    }

    private async Task<(RuntimeSetup? Setup, string? Error)> FindAsync(string setting)
    {
        if (!Environment.IsPrivilegedProcess)
            return (null, "containers are made by root alone");
        var (program, error) = await RuntimeProgram.FindAsync(setting, _children);
        if (program is null)
            return (null, error);
        var cgroups = findCgroups();
        if (cgroups.Missing.Count > 0)
        {
            var missing = string.Join("; ", cgroups.Missing.Select(entry => $"{entry.Key} cannot be limited: {entry.Value}"));
            if (!runner.Value.AllowUnlimited)
                return (null, $"{missing}. {RunnerOptions.Section}:{nameof(RunnerOptions.AllowUnlimited)}=true runs functions all the same");
            Log.Unlimited(logger, missing);
        }
        var init = FindInit(out var wrong);
        if (wrong is not null)
            return (null, wrong);
        Log.Found(logger, program, init ?? OciOptions.None, cgroups.IsUnified ? 2 : 1);
        return (new RuntimeSetup(program, cgroups, init, _children), null);
    }

    /// <summary>The program that is the first process of containers; null: none, and wrong says whether that is a mistake.</summary>
    private string? FindInit(out string? wrong)
    {
        wrong = null;
        var setting = options.Value.Init;
        if (setting == OciOptions.None)
            return null;
        if (setting == OciOptions.Auto)
            return Inits.Select(RuntimeProgram.FindOnPath).OfType<string>().Select(Native.RealPath).FirstOrDefault();
        if (File.Exists(setting) && Native.MayExecute(setting))
            return Path.GetFullPath(setting);
        wrong = $"{OciOptions.Section}:{nameof(OciOptions.Init)} is {setting}: no program";
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(2538, LogLevel.Information, "Containers are run by {Runtime}, first process: {Init}, cgroups: version {Version}")]
        public static partial void Found(ILogger logger, RuntimeProgram runtime, string init, int version);

        [LoggerMessage(2539, LogLevel.Warning, "Functions run without some of their limits: {Missing}")]
        public static partial void Unlimited(ILogger logger, string missing);
    }
}
