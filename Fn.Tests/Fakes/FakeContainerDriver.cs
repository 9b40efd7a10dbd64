using Fn.Runner.Drivers;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>A driver whose containers do what the test says; by default they start and go at once.</summary>
internal sealed class FakeContainerDriver : IContainerDriver
{
    private readonly List<FakeContainer> _containers = [];
    private readonly Lock _lock = new();

    public string Name => "fake";

    public TimeSpan TypicalStart { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>True: starts and removals wait for the test to finish them.</summary>
    public bool Manual { get; init; }

    /// <summary>What pulling answers.</summary>
    public CallFailure? PullFailure { get; set; }

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

    public ValueTask<CallFailure?> PullAsync(string image, CancellationToken cancel) => new(PullFailure);

    public ValueTask<CreateOutcome> CreateAsync(ContainerSpec spec, CancellationToken cancel)
    {
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
