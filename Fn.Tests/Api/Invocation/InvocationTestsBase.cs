using Fn.Api;
using Fn.Api.History;
using Fn.Api.Http;
using Fn.Api.Invocation;
using Fn.Api.Placement;
using Fn.Api.Runners;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Invocation;

/// <summary>A gateway on a real Kestrel in front of a scripted runner; the client is a raw socket. Derived for a runner in the same process and for a remote one.</summary>
public abstract class InvocationTestsBase : IAsyncLifetime
{
    private protected const long MaxRequestSize = 200_000;
    private protected const string Path = "/invoke/01FUNCTION0000000000000000";

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected ScriptedRunner Runner { get; } = new();

    private protected RawConnection Client { get; private set; } = null!;

    private protected LoopbackServer Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gateway = await LoopbackServer.StartAsync(
            services =>
            {
                services.AddSingleton<IFunctionResolver>(new FixedFunctions(Samples.Function()));
                services.AddContractHttp().Configure<ApiOptions>(options => options.MaxRequestSize = MaxRequestSize);
                services.AddInMemoryRegistry().AddInvocation().AddRunners().AddPlacement().AddHistory(new ConfigurationBuilder().Build());
                AddRunner(services);
            },
            app =>
            {
                app.UseContractHttp();
                app.MapInvocation();
            },
            await StartRunnerAsync());
        Client = await RawConnection.ConnectAsync(Gateway.EndPoint, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Gateway.DisposeAsync();
        await StopRunnerAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts what is not in the gateway's process; returns the gateway's settings.</summary>
    private protected abstract Task<Dictionary<string, string?>> StartRunnerAsync();

    private protected abstract void AddRunner(IServiceCollection services);

    private protected abstract ValueTask StopRunnerAsync();

    /// <summary>Sends a request with extra header lines, each ended by a line break, and a body.</summary>
    private protected Task SendAsync(string lines = "", string body = "") =>
        Client.SendAsync($"POST {Path} HTTP/1.1\r\nHost: gateway:8080\r\n{lines}Content-Length: {body.Length}\r\n\r\n{body}", Cancel);

    private protected ValueTask<ScriptedCall> NextCallAsync() => Runner.NextCallAsync(Cancel);

    /// <summary>Reads a response whose length is given: head and body.</summary>
    private protected async Task<(string Head, string Body)> ReadAsync()
    {
        var head = await Client.ReadHeadAsync(Cancel);
        var length = head.Split("\r\n").Single(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..];
        return (head, await Client.ReadLatin1Async(int.Parse(length), Cancel));
    }

    private protected static List<string> ValuesOf(string head, string name) =>
        [.. head.Split("\r\n").Where(line => line.StartsWith(name + ": ", StringComparison.Ordinal)).Select(line => line[(name.Length + 2)..])];

    private protected static IEnumerable<string> ValuesOf(CallOffer offer, string name) => offer.Headers.Where(header => header.Name == name).Select(header => header.Value);
}
