using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls;

/// <summary>Containers kept ready ahead of calls.</summary>
internal sealed partial class RunnerEngine : IRunnerWarmer
{
    public async Task<WarmState> WarmAsync(FunctionSpec spec, WarmWish wish, CancellationToken cancel)
    {
        if (spec.MemoryBytes > ledger.Budget)
            return WarmState.Failed(new CallFailure(CallError.MemoryAboveBudget) { Detail = $"a container takes {spec.MemoryBytes} bytes of {ledger.Budget}" });
        while (!_draining)
        {
            if (pools.Get(spec, out var failure) is not { } pool)
                return WarmState.Failed(failure!);
            if (!pool.TryKeep(wish, cancel, out var state))
                continue;
            // Thread A makes the pool while thread B drains those there are: A's pool is either seen by B, or drained here.
            if (_draining)
                pool.Drain();
            return await state;
        }
        return new WarmState { Ready = 0, Draining = true };
    }
}
