using Fn.Runner.Containers;

namespace Fn.Tests.Fakes;

/// <summary>The way to a <see cref="FakeContainer"/>.</summary>
internal sealed class FakeChannel(FakeFormat format, FakeContainer container) : ICallChannel
{
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeContainer Container => container;

    public Task Broken => _broken.Task;

    public bool Reusable { get; set; } = true;

    public void Break() => _broken.TrySetResult();

    public ValueTask<ExchangeOutcome> SendAsync(ExchangeRequest request, CancellationToken cancel) =>
        format.OnSend!(request, this, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
