using Fn.Runner.Slots;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;

namespace Fn.Tests.Runner.Slots;

/// <summary>A call in the <see cref="SlotHarness"/>: asks for a slot when made, and is looked at after each step.</summary>
internal sealed class HarnessCall
{
    private readonly SlotHarness _harness;
    private readonly CancellationTokenSource _clientLeft = new();
    private readonly SlotPool _pool;
    private ValueTask<SlotGrant> _slot;
    private SlotGrant? _grant;
    private bool _released;

    public HarnessCall(SlotHarness harness, FunctionSpec function, TimeSpan? wait, bool detached)
    {
        _harness = harness;
        Function = function;
        Offer = SlotHarness.Offer(harness.Time, function, wait, detached);
        SlotPool? pool = null;
        harness.Step(() =>
        {
            do
                pool = harness.Pool(function);
            while (!pool.TryAcquire(Offer, _clientLeft.Token, out _slot));
            Note();
        });
        _pool = pool!;
    }

    public FunctionSpec Function { get; }

    public CallOffer Offer { get; }

    public bool IsWaiting => _grant is null && !_slot.IsCompleted;

    public bool IsRunning => !IsWaiting && Grant.Container is not null && !_released;

    // Taken once, and only when it is there.
#pragma warning disable VSTHRD002, CA2012
    public SlotGrant Grant => _grant ??= _slot.IsCompletedSuccessfully ? _slot.Result : throw new InvalidOperationException("The call still waits.");
#pragma warning restore VSTHRD002, CA2012

    public FakeContainer Container => (FakeContainer)Grant.Container!.Container;

    /// <summary>Counts the holder of a container, as soon as it is seen to hold it.</summary>
    public bool Held { get; private set; }

    public void Note()
    {
        if (!Held && IsRunning)
        {
            Held = true;
            Container.Holders++;
        }
    }

    public void Leave() => _harness.Step(_clientLeft.Cancel);

    public void Release(bool keep = true, bool stillborn = false)
    {
        Note();
        _released = true;
        _harness.Step(() =>
        {
            Container.Holders--;
            _pool.Release(Grant.Container!, keep, stillborn);
        });
    }

    /// <summary>Gives the slot back unused.</summary>
    public void Return()
    {
        Note();
        _released = true;
        _harness.Step(() =>
        {
            Container.Holders--;
            _pool.Return(Grant.Container!);
        });
    }
}
