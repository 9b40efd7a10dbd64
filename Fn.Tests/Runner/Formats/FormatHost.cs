using Fn.Runner.Drivers;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Runner.Formats;

/// <summary>Where the format suites run their functions: on which driver, and what that one runs.</summary>
public abstract class FormatHost
{
    private readonly Dictionary<string, FunctionSpec> _faulty = [];
    private readonly Dictionary<FunctionSpec, TestFunction> _kept = [];

    /// <summary>How many calls make many, where each of them takes its time.</summary>
    public abstract int ManyCalls { get; }

    internal abstract IContainerDriver Driver { get; }

    /// <summary>Of all tests: a function that is kept outlives the one that started it.</summary>
    internal static EventLoops Loops { get; } = new(Environment.ProcessorCount);

    /// <summary>True where a container costs so much that tests share those that are as good as new.</summary>
    private protected virtual bool Keeps => false;

    /// <summary>The faulty function, as it is without anything else.</summary>
    internal async ValueTask<FunctionSpec> FaultyAsync(string format) =>
        _faulty.TryGetValue(format, out var spec) ? spec : _faulty[format] = await FaultyAsync(format, new Dictionary<string, string>(), 128);

    internal abstract ValueTask<FunctionSpec> FaultyAsync(string format, IReadOnlyDictionary<string, string> config, int memoryMiB);

    /// <summary>A script without double quotes.</summary>
    internal abstract ValueTask<FunctionSpec> ShellAsync(string format, string script, IReadOnlyDictionary<string, string>? config = null);

    /// <summary>The program <c>env</c>, by itself.</summary>
    internal abstract ValueTask<FunctionSpec> EnvAsync(string format, IReadOnlyDictionary<string, string> config);

    /// <summary>Where a function sees its socket directory.</summary>
    internal abstract string Inside(string socketDirectory);

    internal TestFunction? Take(FunctionSpec spec) => _kept.Remove(spec, out var function) ? function : null;

    /// <summary>False: it is of no further use.</summary>
    internal bool Keep(TestFunction function) =>
        Keeps && function is { Opened.Channel.Reusable: true, Container.Ended.IsCompleted: false } && _faulty.ContainsValue(function.Spec) && _kept.TryAdd(function.Spec, function);

    private protected async ValueTask EndKeptAsync()
    {
        foreach (var function in _kept.Values)
            await function.EndAsync();
        _kept.Clear();
    }
}
