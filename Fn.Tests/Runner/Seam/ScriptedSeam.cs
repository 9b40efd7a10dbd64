using Fn.Api.Runners;
using Fn.Runner.Calls.Http;
using Fn.ServiceDefaults.Cluster;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fn.Tests.Runner.Seam;

/// <summary>A scripted runner, called directly or through HTTP client, real Kestrel and endpoints.</summary>
internal sealed class ScriptedSeam : ISeam
{
    private readonly ScriptedRunner _scripted;
    private readonly LoopbackServer? _server;

    private ScriptedSeam(ScriptedRunner scripted, LoopbackServer? server, bool tcp = false)
    {
        _scripted = scripted;
        _server = server;
        Runner = server is null
            ? scripted
            : new HttpRunner(server.Address, ClusterKey.None, null, NullLogger<HttpRunner>.Instance, tcp ? RunnerConnection.DialTcpAsync : RunnerConnection.DialAsync);
    }

    public IRunner Runner { get; }

    public FunctionSpec Function { get; } = Samples.Function();

    public int Executions => _scripted.Executions;

    public static ScriptedSeam Direct() => new(new ScriptedRunner(), null);

    /// <param name="tcp">As from another machine; else as on the runner's own.</param>
    public static async Task<ScriptedSeam> OverHttpAsync(bool tcp)
    {
        var scripted = new ScriptedRunner();
        return new ScriptedSeam(scripted, await ServeAsync(scripted), tcp);
    }

    /// <summary>Serves a runner as Fn.Runner does.</summary>
    public static Task<LoopbackServer> ServeAsync<T>(T runner, ClusterKey? key = null)
        where T : class, IRunner, IRunnerControl, IRunnerWarmer, IRunnerStatusSource =>
        LoopbackServer.StartAsync(services => AddRunner(services, runner, key), app => app.MapRunner());

    /// <summary>Has a server listen as Fn.Runner does.</summary>
    public static void AddRunner<T>(IServiceCollection services, T runner, ClusterKey? key = null)
        where T : class, IRunner, IRunnerControl, IRunnerWarmer, IRunnerStatusSource =>
        services.AddSingleton<IRunner>(runner).AddSingleton<IRunnerControl>(runner).AddSingleton<IRunnerWarmer>(runner).AddSingleton<IRunnerStatusSource>(runner)
            .AddSingleton(key ?? ClusterKey.None).AddRunnerEndpoints();

    public Task FillAsync()
    {
        _scripted.RefuseAll = NotPlacedReason.Full;
        return Task.CompletedTask;
    }

    public Task MakeRoomAsync()
    {
        _scripted.RefuseAll = null;
        return Task.CompletedTask;
    }

    public void Drain() => _scripted.RefuseAll = NotPlacedReason.Draining;

    public async ValueTask<ISeamCall> NextCallAsync(CancellationToken cancel) => new Call(await _scripted.NextCallAsync(cancel));

    public async ValueTask DisposeAsync()
    {
        (Runner as IDisposable)?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private sealed class Call(ScriptedCall call) : ISeamCall
    {
        public CallOffer Offer => call.Offer;

        public Task ClientLeft => call.ClientLeft;

        public Stream OpenBody() => call.OpenBody();

        public void Fail(CallFailure failure) => call.Fail(failure);

        public void Accept() => call.Accept();

        public ISeamAnswer Answer(int status, IReadOnlyList<Header> headers, long? contentLength) => call.Answer(status, headers, contentLength);
    }
}
