using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Runner.Formats;

/// <summary>A real function in a real container, and the channel that a format opens to it.</summary>
internal sealed class TestFunction : IAsyncDisposable
{
    private readonly FormatHost _host;
    private readonly Task<string> _log;
    private readonly string _directory = Directory.CreateTempSubdirectory("fn-test-").FullName;
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource _executed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestFunction(FormatHost host, FunctionSpec spec, IContainer container, OpenOutcome opened, string? socketDirectory)
    {
        (_host, Spec, Container, Opened, SocketDirectory) = (host, spec, container, opened, socketDirectory);
        _watcher = new FileSystemWatcher(_directory);
        _watcher.Changed += (_, _) => _executed.TrySetResult();
        _watcher.EnableRaisingEvents = true;
        _log = new StreamReader(container.Log).ReadToEndAsync(CancellationToken.None);
    }

    public FunctionSpec Spec { get; }

    public string? SocketDirectory { get; }

    public IContainer Container { get; }

    public OpenOutcome Opened { get; }

    /// <summary>Where <c>count-executions</c> counts: the file as it is called here.</summary>
    public string ExecutionsFile => Path.Combine(SocketDirectory ?? _directory, "executions");

    /// <summary>The same file, as the function calls it.</summary>
    public string ExecutionsFileInside => Path.Combine(SocketDirectory is null ? _directory : _host.Inside(SocketDirectory), "executions");

    public ICallChannel Channel => Opened.Channel ?? throw new InvalidOperationException($"The channel was not opened: {Opened.Failure}");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="host">What runs it.</param>
    /// <param name="format">The format.</param>
    /// <param name="spec">The function.</param>
    /// <param name="call">The call it is started for, when the format serves one call.</param>
    /// <param name="open">Ends opening.</param>
    public static async Task<TestFunction> StartAsync(FormatHost host, IFunctionFormat format, FunctionSpec spec, CallOffer? call = null, CancellationToken? open = null)
    {
        if (host.Take(spec) is { } kept)
            return kept;
        Assert.Null(await host.Driver.PullAsync(spec.Image, Cancel));
        var environment = new Dictionary<string, string>(spec.Config);
        format.AddEnvironment(environment, spec, call, TimeProvider.System.GetUtcNow());
        var sockets = format.NeedsSocketDirectory ? SocketDirectoryForAnyone() : null;
        var container = await StartContainerAsync(host.Driver, spec, environment, "formats", sockets);
        try
        {
            return new TestFunction(host, spec, container, await format.OpenAsync(container, spec, sockets, open ?? Cancel), sockets);
        }
        catch
        {
            await container.RemoveAsync();
            if (sockets is not null)
                Directory.Delete(sockets, recursive: true);
            throw;
        }
    }

    public static async Task<IContainer> StartContainerAsync(
        IContainerDriver driver, FunctionSpec spec, IReadOnlyDictionary<string, string> environment, string runnerId, string? socketDirectory = null)
    {
        var (container, failure) = await driver.CreateAsync(
            new ContainerSpec { Id = FnId.New(TimeProvider.System), RunnerId = runnerId, Function = spec, Environment = environment, SocketDirectory = socketDirectory },
            Cancel);
        Assert.Null(failure);
        Assert.Null(await container!.StartAsync(Cancel));
        return container;
    }

    public static IOptions<CallOptions> Limits(Action<CallOptions>? change = null)
    {
        var options = new CallOptions();
        change?.Invoke(options);
        return Options.Create(options);
    }

    public ValueTask<ExchangeOutcome> SendAsync(CallOffer call, CancellationToken? cancel = null) =>
        Channel.SendAsync(new ExchangeRequest { Call = call, Deadline = TimeProvider.System.GetUtcNow() + call.Function.Timeout }, cancel ?? Cancel);

    /// <summary>Completes once an execution was counted.</summary>
    public Task ExecutedAsync() => _executed.Task.WaitAsync(Cancel);

    /// <summary>Waits for the end of the log, and so of the function with all that could write it.</summary>
    public Task<string> LogAsync() => _log;

    public async ValueTask DisposeAsync()
    {
        if (!_host.Keep(this))
            await EndAsync();
    }

    /// <summary>Ends it even if another test could use it.</summary>
    public async ValueTask EndAsync()
    {
        if (Opened.Channel is { } channel)
            await channel.DisposeAsync();
        await Container.RemoveAsync();
        await _log.ContinueWith(_ => { }, TaskScheduler.Default);
        if (SocketDirectory is not null)
            Directory.Delete(SocketDirectory, recursive: true);
        _watcher.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string SocketDirectoryForAnyone()
    {
        var directory = Directory.CreateTempSubdirectory("fn-sock-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0x1ff);
        return directory;
    }
}
