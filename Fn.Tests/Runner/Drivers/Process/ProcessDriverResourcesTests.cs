using Fn.Runner.Drivers;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Fakes;
using Fn.Tests.Runner.Formats;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Process;

/// <summary>What containers cost while they live, and that nothing of it stays.</summary>
[Collection(Alone.Name)]
public sealed class ProcessDriverResourcesTests : IDisposable
{
    private readonly ProcessDriverFixture _fixture = new("/bin");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Containers_200Idle_CostNoThreads()
    {
        await (await StartAsync("cat")).RemoveAsync();
        var before = Count("/proc/self/task");
        var containers = new List<IContainer>();
        for (var i = 0; i < 200; i++)
            containers.Add(await StartAsync("cat"));
        var logs = containers.ConvertAll(container => container.Log.ReadAsync(new byte[16], Cancel).AsTask());
        var channels = containers.ConvertAll(container => new StdioChannel(container, new(), TimeProvider.System));

        // The pool may add threads of its own meanwhile; one for each container, or for each of its streams, they are not.
        var added = Count("/proc/self/task") - before;

        Assert.All(channels, channel => Assert.False(channel.Broken.IsCompleted));
        Assert.InRange(added, int.MinValue, 40);
        await Task.WhenAll(containers.Select(container => container.RemoveAsync()));
        await Task.WhenAll(channels.Select(channel => channel.Broken));
        await Task.WhenAll(logs.Select(log => log.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    [Fact]
    public async Task Containers_StartedAndRemoved_LeaveNoDescriptorsAndNoZombies()
    {
        await RunManyAsync(3);
        var descriptors = Count("/proc/self/fd");

        await RunManyAsync(40);

        Assert.InRange(Count("/proc/self/fd"), 0, descriptors + 3);
        Assert.Empty(Children());
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), "fn-process-resources-*"));
    }

    private async Task RunManyAsync(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            var container = await StartAsync(i % 2 == 0 ? "cat" : "sleep", i % 2 == 0 ? [] : ["1000"]);
            await using var channel = new StdioChannel(container, new(), TimeProvider.System);
            await container.RemoveAsync();
        }));
    }

    private Task<IContainer> StartAsync(string program, params string[] arguments) =>
        TestFunction.StartContainerAsync(
            _fixture.Driver, TestSpecs.Function($"process:{program} {string.Join(' ', arguments)}", FunctionFormat.Http), new Dictionary<string, string>(), "resources");

    private static int Count(string directory) => Directory.EnumerateFileSystemEntries(directory).Count();

    private static List<string> Children() =>
        [.. Directory.EnumerateFiles("/proc/self/task", "children", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .SelectMany(file => File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
