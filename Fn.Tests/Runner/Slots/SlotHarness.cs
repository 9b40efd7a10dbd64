using Fn.Runner;
using Fn.Runner.Containers;
using Fn.Runner.Eviction;
using Fn.Runner.Identity;
using Fn.Runner.Resources;
using Fn.Runner.Slots;
using Fn.ServiceDefaults.Configuration;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Fn.Tests.Runner.Slots;

/// <summary>The real pools, dispatcher, ledger and launcher over fake containers, a fake clock, and a scheduler that runs one thing at a time.</summary>
internal sealed class SlotHarness : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fn-slots-").FullName;
    private readonly RunnerIdentity _identity;

    public SlotHarness(long budgetMiB, int maxStarts = 2, CallOptions? calls = null, ContainerOptions? containers = null)
    {
        var containerOptions = containers ?? new ContainerOptions();
        _identity = new RunnerIdentity(Options.Create(new DataOptions { DataDirectory = _folder }));
        _identity.Acquire();
        Ledger = new MemoryLedger(budgetMiB * 1024 * 1024);
        var background = new BackgroundWork(NullLogger<BackgroundWork>.Instance, Scheduler);
        Dispatcher = new StartDispatcher(Ledger, new LeastRecentlyUsedPolicy(), background, maxStarts, Time, NullLogger<StartDispatcher>.Instance);
        var launcher = new ContainerLauncher(
            new SocketDirectories(Options.Create(containerOptions), _identity, Time),
            new FunctionLog(Time, NullLoggerFactory.Instance),
            Options.Create(containerOptions),
            _identity,
            Time,
            NullLogger<ContainerLauncher>.Instance);
        Queue = new CallQueue((calls ??= new CallOptions()).MaxQueued);
        var services = new SlotServices(Dispatcher, launcher, new DriverStarts(), Queue, background, calls, containerOptions, Time);
        Pools = new SlotPools([Driver], [Hot, Unready, Cold], services);
    }

    public SteppedScheduler Scheduler { get; } = new();

    public FakeTimeProvider Time { get; } = new() { AutoAdvanceAmount = TimeSpan.Zero };

    public FakeContainerDriver Driver { get; } = new() { Manual = true };

    public FakeFormat Hot { get; } = new(FunctionFormat.HttpStream);

    public FakeFormat Unready { get; } = new(FunctionFormat.Http, hasReadySignal: false);

    public FakeFormat Cold { get; } = new(FunctionFormat.Default, oneCall: true);

    public MemoryLedger Ledger { get; }

    public StartDispatcher Dispatcher { get; }

    public CallQueue Queue { get; }

    public SlotPools Pools { get; }

    public static FunctionSpec Function(string name, int memoryMiB = 64, string format = FunctionFormat.HttpStream, int idleTimeout = 30) => new()
    {
        FunctionId = name,
        FunctionName = name,
        AppId = "app",
        AppName = "app",
        Image = "fake:image",
        Format = format,
        MemoryMiB = memoryMiB,
        TimeoutSeconds = 30,
        IdleTimeoutSeconds = idleTimeout,
        Config = new Dictionary<string, string>(),
        Annotations = new Dictionary<string, string>(),
    };

    public HarnessCall Call(FunctionSpec function, TimeSpan? wait, bool detached = false) => new(this, function, wait, detached);

    /// <summary>A call that may wait as long as the settings allow.</summary>
    public HarnessCall Call(FunctionSpec function) => Call(function, TimeSpan.FromHours(1));

    public SlotPool Pool(FunctionSpec function) => Pools.Get(function, out _)!;

    public void Advance(TimeSpan by) => Scheduler.Run(() => Time.Advance(by));

    public void Step(Action action) => Scheduler.Run(action);

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
        Dispatcher.Dispose();
        _identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
