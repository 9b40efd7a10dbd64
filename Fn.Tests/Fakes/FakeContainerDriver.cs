using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A driver whose containers do what the test says; by default they start and go at once.</summary>
internal sealed class FakeContainerDriver : IContainerDriver
{
    private readonly List<FakeContainer> _containers = [];
    private readonly Lock _lock = new();

    public string Name => "fake";

    public bool SeesMounts => false;

    public TimeSpan TypicalStart { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>True: starts and removals wait for the test to finish them.</summary>
    public bool Manual { get; init; }

    /// <summary>What pulling answers.</summary>
    public CallFailure? PullFailure { get; set; }

    /// <summary>What pulling waits for, when it takes its time.</summary>
    public TaskCompletionSource<CallFailure?>? Pull { get; set; }

    /// <summary>What creating a container comes to, when it comes to something else than a container.</summary>
    public Func<CancellationToken, ValueTask<CreateOutcome>>? OnCreate { get; set; }

    public IReadOnlyList<FakeContainer> Containers
    {
        get
        {
            lock (_lock)
                return [.. _containers];
        }
    }

    public IReadOnlyCollection<string> LeftoversRemovedFor { get; private set; } = [];

    public bool Runs(string image) => image.StartsWith("fake:", StringComparison.Ordinal);

    public ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => Pull is { } pull ? new(pull.Task.WaitAsync(cancel)) : new(PullFailure);

    public ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel)
    {
        if (OnCreate is { } create)
            return create(cancel);
        var container = new FakeContainer(spec);
        if (!Manual)
        {
            container.FinishStart();
            container.FinishRemovalAtOnce();
        }
        lock (_lock)
            _containers.Add(container);
        return new(new CreateOutcome(container, null));
    }

    public Task RemoveLeftoversAsync(IReadOnlyCollection<string> runnerIds, CancellationToken cancel)
    {
        LeftoversRemovedFor = runnerIds;
        return Task.CompletedTask;
    }

    /// <summary>Forgets containers that are gone, so that long schedules stay quick.</summary>
    public void Forget()
    {
        lock (_lock)
            _containers.RemoveAll(container => container.IsGone);
    }
}
