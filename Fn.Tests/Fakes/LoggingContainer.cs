using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A container whose log, and output, is what a test writes.</summary>
internal sealed class LoggingContainer(FakeContainer inner, Stream log, Stream? output = null) : IContainer
{
    public string Id => inner.Id;

    public Stream Input => inner.Input;

    public Stream Output => output ?? inner.Output;

    public Stream Log => log;

    public Task<ContainerExit> Ended => inner.Ended;

    public ValueTask<CallFailure?> StartAsync(CancellationToken cancel) => inner.StartAsync(cancel);

    public Task RemoveAsync() => inner.RemoveAsync();
}
