using System.Collections.Concurrent;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Slots;

/// <summary>The pools of a runner, one a revision. Thread-safe.</summary>
internal sealed class SlotPools(IEnumerable<IContainerDriver> drivers, IEnumerable<IFunctionFormat> formats, SlotServices services)
{
    private readonly ConcurrentDictionary<string, SlotPool> _pools = new(StringComparer.Ordinal);
    private readonly IContainerDriver[] _drivers = [.. drivers];
    private readonly Dictionary<string, IFunctionFormat> _formats = formats.ToDictionary(format => format.Name, StringComparer.Ordinal);

    public IEnumerable<SlotPool> All => _pools.Values;

    /// <summary>The pool of a function's revision, made when there is none. Null with a failure: nothing here can run it.</summary>
    public SlotPool? Get(FunctionSpec function, out CallFailure? failure)
    {
        failure = null;
        return _pools.TryGetValue(function.Revision, out var pool) ? pool : Add(function, out failure);
    }

    private SlotPool? Add(FunctionSpec function, out CallFailure? failure)
    {
        failure = null;
        if (Array.Find(_drivers, candidate => candidate.Runs(function.Image)) is not { } driver)
        {
            failure = new CallFailure(CallError.PullFailed) { Detail = "no driver on this runner runs such images" };
            return null;
        }
        if (!_formats.TryGetValue(function.Format, out var format))
        {
            failure = new CallFailure(CallError.StartFailed) { Detail = $"no format '{function.Format}' on this runner" };
            return null;
        }
        var made = new SlotPool(function, driver, format, services) { Retired = Retire };
        var pool = _pools.GetOrAdd(function.Revision, made);
        if (pool != made)
            made.Dispose();
        return pool;
    }

    private void Retire(SlotPool pool)
    {
        // A call that looked the pool up before finds it stale and looks again.
        if (_pools.TryRemove(KeyValuePair.Create(pool.Function.Revision, pool)))
        {
            services.Dispatcher.Forget(pool);
            pool.Dispose();
        }
    }
}
