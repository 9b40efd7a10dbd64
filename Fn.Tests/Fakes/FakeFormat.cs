using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A format whose channels answer as the test says; ready as soon as the container runs, unless the test says otherwise.</summary>
internal sealed class FakeFormat(string name, bool oneCall = false, bool hasReadySignal = true) : IFunctionFormat
{
    public string Name => name;

    public bool OneCall => oneCall;

    public bool HasReadySignal => hasReadySignal;

    public bool NeedsSocketDirectory { get; set; }

    /// <summary>True: what runs is never ready.</summary>
    public bool NeverReady { get; set; }

    /// <summary>What a call that is sent gets.</summary>
    public Func<ExchangeRequest, FakeChannel, CancellationToken, ValueTask<ExchangeOutcome>>? OnSend { get; set; }

    public void AddEnvironment(IDictionary<string, string> environment, FunctionSpec function, CallOffer? call, DateTimeOffset now) =>
        environment["FN_FORMAT"] = name;

    public async ValueTask<OpenOutcome> OpenAsync(IContainer container, FunctionSpec function, string? socketDirectory, CancellationToken cancel)
    {
        if (NeverReady)
            await new TaskCompletionSource().Task.WaitAsync(cancel);
        return new OpenOutcome(new FakeChannel(this, (FakeContainer)container), null);
    }
}
