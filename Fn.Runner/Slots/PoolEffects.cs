using Fn.Runner.Containers;

namespace Fn.Runner.Slots;

/// <summary>What a pool decided under its lock and has to carry out after it. Empty, and free of allocations, on the hot path.</summary>
internal struct PoolEffects
{
    public List<StartRequest>? Submitted { get; private set; }

    public List<StartRequest>? Cancelled { get; private set; }

    public List<HotContainer>? Stopped { get; private set; }

    public List<IDisposable>? Tokens { get; private set; }

    /// <summary>Who was given a container.</summary>
    public (HotContainer Container, SlotWaiter Waiter, bool AmongFew)? Given { get; private set; }

    /// <summary>Whether there is anything but <see cref="Given"/>.</summary>
    public readonly bool AnyButGiven => Submitted is not null || Cancelled is not null || Stopped is not null || Tokens is not null;

    /// <param name="container">What is given.</param>
    /// <param name="waiter">To whom.</param>
    /// <param name="amongFew">Whether few containers are busy.</param>
    public void Give(HotContainer container, SlotWaiter waiter, bool amongFew) => Given = (container, waiter, amongFew);

    public void Submit(StartRequest request) => (Submitted ??= []).Add(request);

    public void Cancel(StartRequest request) => (Cancelled ??= []).Add(request);

    public void Stop(HotContainer container) => (Stopped ??= []).Add(container);

    public void GiveBack(IDisposable token) => (Tokens ??= []).Add(token);
}
