using System.IO.Pipelines;
using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.Runner.Formats.Cold;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Formats.Cold;

/// <summary>The order in which a container's output and its end become known.</summary>
public sealed class DefaultChannelTests
{
    private readonly WatchedTimeProvider _time = new();
    private readonly FakeContainer _container = new(new ContainerSpec { Id = "c", RunnerId = "r", Function = TestSpecs.Function("image"), Environment = new Dictionary<string, string>() });

    // Its reader has seen what was written, or the end, when the writer goes on.
    private readonly Pipe _output = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Send_OutputIsClosedAndTheExitCodeTakesLong_PassesNothingOnMeanwhile(int code)
    {
        _container.Output = _output.Reader.AsStream();
        await using var channel = new DefaultChannel(_container, new CallOptions(), _time);
        var sending = channel.SendAsync(new ExchangeRequest { Call = TestSpecs.Call(_container.Spec.Function), Deadline = default }, Cancel).AsTask();
        await _output.Writer.WriteAsync("done"u8.ToArray(), Cancel);
        await _time.TimerCreated.WaitAsync(Cancel);
        await _output.Writer.CompleteAsync();

        _time.Advance(TimeSpan.FromSeconds(1));
        _container.End(code);

        var outcome = await sending;
        if (code == 0)
            Assert.Equal(4, ExchangeAssert.Answered(outcome).ContentLength);
        else
            ExchangeAssert.Failed(CallError.ExitCode, outcome);
    }
}
