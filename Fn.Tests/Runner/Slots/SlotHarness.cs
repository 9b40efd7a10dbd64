using Fn.Runner;
using Fn.Runner.Calls;
using Fn.Runner.Containers;
using Fn.Runner.Eviction;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.Runner.Telemetry;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.Runner.Slots;

/// <summary>
/// The real pools, dispatcher, ledger and launcher over fake containers, a fake clock, and a scheduler that runs one thing at a time; or on real threads,
/// with containers that start and go at once.
/// </summary>
internal sealed class SlotHarness : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fn-slots-").FullName;

    public SlotHarness(long budgetMiB, int maxStarts = 2, CallOptions? calls = null, ContainerOptions? containers = null, bool threads = false, RunnerTelemetry? telemetry = null)
    {
        Driver = new FakeContainerDriver { Manual = !threads };
        var containerOptions = containers ?? new ContainerOptions();
        Identity = new RunnerIdentity(Options.Create(new DataOptions { DataDirectory = _folder }));
        Identity.Acquire();
        Ledger = new MemoryLedger(budgetMiB * 1024 * 1024);
        Background = new BackgroundWork(NullLogger<BackgroundWork>.Instance, threads ? TaskScheduler.Default : Scheduler);
        Dispatcher = new StartDispatcher(Ledger, new LeastRecentlyUsedPolicy(), Background, maxStarts, Time, NullLogger<StartDispatcher>.Instance);
        var launcher = new ContainerLauncher(
            new SocketDirectories(Options.Create(containerOptions), Identity, Time),
            new FunctionLog(Time, NullLoggerFactory.Instance, new FunctionLogTail(Time)),
            Options.Create(containerOptions),
            Identity,
            Time,
            NullLogger<ContainerLauncher>.Instance);
        foreach (var format in (FakeFormat[])[Hot, Unready, Cold])
            format.OnSend = OnSend;
        Queue = new CallQueue((calls ??= new CallOptions()).MaxQueued);
        var services = new SlotServices(Dispatcher, launcher, Starts, Queue, Background, calls, containerOptions, Time) { Telemetry = telemetry };
        Pools = new SlotPools([Driver], [Hot, Unready, Cold], services);
        Engine = new RunnerEngine(Pools, Dispatcher, Ledger, Queue, Background, Identity, Options.Create(calls), Time, NullLogger<RunnerEngine>.Instance, telemetry: telemetry);
    }

    public SteppedScheduler Scheduler { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public FakeContainerDriver Driver { get; }

    public FakeFormat Hot { get; } = new(FunctionFormat.HttpStream);

    public FakeFormat Unready { get; } = new(FunctionFormat.Http, hasReadySignal: false);

    public FakeFormat Cold { get; } = new(FunctionFormat.Default, oneCall: true, hasReadySignal: false);

    public RunnerIdentity Identity { get; }

    public BackgroundWork Background { get; }

    public DriverStarts Starts { get; } = new();

    /// <summary>The calls that were sent to containers, in their order.</summary>
    public List<FakeExchange> Exchanges { get; } = [];

    public MemoryLedger Ledger { get; }

    public StartDispatcher Dispatcher { get; }

    public CallQueue Queue { get; }

    public SlotPools Pools { get; }

    public RunnerEngine Engine { get; }

    public static FunctionSpec Function(
        string name,
        int memoryMiB = 64,
        string format = FunctionFormat.HttpStream,
        int idleTimeout = 30,
        int? maxContainers = null,
        string image = "fake:image")
    {
        return new FunctionSpec
        {
            FunctionId = name,
            FunctionName = name,
            AppId = "app",
            AppName = "app",
            Image = image,
            Format = format,
            MemoryMiB = memoryMiB,
            TimeoutSeconds = 30,
            IdleTimeoutSeconds = idleTimeout,
            Config = new Dictionary<string, string>(),
            Annotations = maxContainers is { } most ? new Dictionary<string, string> { ["fn.max_containers"] = $"{most}" } : [],
        };
    }

    public static CallOffer Offer(TimeProvider time, FunctionSpec function, TimeSpan? wait, bool detached = false, CallBody? body = null, IReadOnlyList<Header>? headers = null) => new()
    {
        CallId = FnId.New(time),
        Function = function,
        Method = "POST",
        RequestUrl = "http://localhost/invoke/x",
        Headers = headers ?? [],
        Body = body ?? CallBody.Empty,
        Timeline = new CallTimeline(time),
        Detached = detached,
        Wait = wait,
    };

    public HarnessCall Call(FunctionSpec function, TimeSpan? wait, bool detached = false) => new(this, function, wait, detached);

    /// <summary>A call that may wait as long as the settings allow.</summary>
    public HarnessCall Call(FunctionSpec function) => Call(function, TimeSpan.FromHours(1));

    public SlotPool Pool(FunctionSpec function) => Pools.Get(function, out _)!;

    /// <summary>Wishes so many containers of a function to be kept.</summary>
    public Pending<WarmState> Keep(FunctionSpec function, int count, TimeSpan? lease = null, TimeSpan wait = default) =>
        Begin(() => new ValueTask<WarmState>(Engine.WarmAsync(function, new WarmWish(count, lease ?? TimeSpan.FromHours(1), wait), TestContext.Current.CancellationToken)));

    public PoolStatus Status(FunctionSpec function) => Pool(function).GetStatus();

    /// <summary>The containers that a function has, those that are being started or removed too, oldest first.</summary>
    public List<FakeContainer> Of(FunctionSpec function) => [.. Driver.Containers.Where(container => container.Spec.Function == function && !container.IsGone)];

    /// <summary>How many containers of a function are being started.</summary>
    public int Starting(FunctionSpec function) => Of(function).Count(container => container.IsStarting);

    /// <summary>Finishes the start of a function's container, the first one begun, when it has taken so long.</summary>
    public FakeContainer FinishStart(FunctionSpec function, TimeSpan after = default, CallFailure? failure = null)
    {
        Advance(after);
        var container = Of(function).First(container => container.IsStarting);
        Step(() => container.FinishStart(failure));
        return container;
    }

    /// <summary>Makes calls that keep so many containers of a function busy: they age until the launch rule starts one for each.</summary>
    public List<HarnessCall> Busy(FunctionSpec function, int containers = 1)
    {
        var calls = new List<HarnessCall>();
        while (calls.Count < containers)
        {
            var call = Call(function);
            for (var round = 0; call.IsWaiting && Starting(function) == 0; round++)
            {
                Assert.True(round < 100, "The launch rule starts no container for a call that waits.");
                Advance(TimeSpan.FromMilliseconds(100));
            }
            if (call.IsWaiting)
                FinishStart(function, after: TimeSpan.FromMilliseconds(100));
            calls.Add(call);
        }
        return calls;
    }

    /// <summary>Gives a function an idle container that took 100 ms to start and has served one call, which ran for so long.</summary>
    public FakeContainer Warm(FunctionSpec function, TimeSpan runs = default)
    {
        var call = Call(function);
        var container = FinishStart(function, after: TimeSpan.FromMilliseconds(100));
        Advance(runs);
        call.Release();
        return container;
    }

    public void Advance(TimeSpan by)
    {
        if (by > TimeSpan.Zero)
            Scheduler.Run(() => Time.Advance(by));
    }

    public void Step(Action action) => Scheduler.Run(action);

    /// <summary>Awaits what goes by way of the thread pool. The time only bounds how long a test that fails goes on.</summary>
    public async Task UntilAsync(Func<bool> done)
    {
        using var hang = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        hang.CancelAfter(TimeSpan.FromSeconds(30));
        await Scheduler.RunUntilAsync(done, hang.Token);
    }

    /// <summary>Begins something asynchronous and lets it, and all that follows from it, get as far as it can.</summary>
    public Pending<T> Begin<T>(Func<ValueTask<T>> work)
    {
        Task<T>? task = null;
        Step(() => task = work().AsTask());
        return new Pending<T>(task!);
    }

    public Pending Begin(Func<Task> work)
    {
        Task? task = null;
        Step(() => task = work());
        return new Pending(task!);
    }

    /// <summary>Finishes every start and removal that is under way, until none is.</summary>
    public void Settle()
    {
        while (Driver.Containers.Any(container => container.IsStarting || (container.IsRemoving && !container.IsGone)))
            Step(() =>
            {
                foreach (var container in Driver.Containers)
                {
                    if (container.IsStarting)
                        container.FinishStart();
                    if (container.IsRemoving)
                        container.FinishRemoval();
                }
            });
    }

    public void Dispose()
    {
        Engine.Dispose();
        Dispatcher.Dispose();
        Identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ValueTask<ExchangeOutcome> OnSend(ExchangeRequest request, FakeChannel channel, CancellationToken cancel)
    {
        var exchange = new FakeExchange(request, channel, cancel);
        Exchanges.Add(exchange);
        return exchange.RunAsync();
    }
}
