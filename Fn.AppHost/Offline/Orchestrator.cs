namespace Fn.AppHost.Offline;

/// <summary>
/// Brings the resources up, each when all that it waits for answer, and takes them down in the opposite order. One that ends before all are up ends the
/// rest; one that ends later is reported, and the others go on: they are made to bear that.
/// </summary>
internal sealed class Orchestrator
{
    /// <summary>More than a runner takes to drain by its default, and to end its containers.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    /// <summary>More than it takes a service that waits for no calls to end what it has.</summary>
    private static readonly TimeSpan HurryTimeout = TimeSpan.FromSeconds(20);

    private readonly Dictionary<StartedResource, Node> _nodes;
    private readonly Launcher _launcher;
    private readonly StopSignals _signals;
    private readonly TextWriter _output;

    public Orchestrator(IReadOnlyList<StartedResource> resources, Launcher launcher, StopSignals signals, TextWriter output)
    {
        (_launcher, _signals, _output) = (launcher, signals, output);
        var width = resources.Max(resource => resource.Name.Length);
        _nodes = resources.ToDictionary(resource => resource, resource => new Node(resource, resource.Name.PadRight(width) + " | "));
    }

    /// <summary>Runs until a signal ends it.</summary>
    /// <exception cref="AppHostException">A resource could not be started, or ended before all were up, or all have ended.</exception>
    public async Task RunAsync()
    {
        Ports.Choose(_nodes.Keys);
        // Nobody else may look into it.
        var scratch = new Lazy<DirectoryInfo>(() => Directory.CreateTempSubdirectory("fn-apphost-"));
        try
        {
            if (await StartAsync(scratch))
            {
                await ReportReadyAsync();
                await WatchAsync();
            }
        }
        finally
        {
            await Task.WhenAll(_nodes.Values.Select(StopAsync));
            if (scratch.IsValueCreated)
                Remove(scratch.Value);
        }
    }

    private static void Remove(DirectoryInfo scratch)
    {
        try
        {
            scratch.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Something that cleans up behind programs came first.
        }
    }

    /// <returns>False when it was told to stop before all were up.</returns>
    private async Task<bool> StartAsync(Lazy<DirectoryInfo> scratch)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_signals.Stop);
        var starts = _nodes.Values.Select(node => StartAsync(node, scratch, enough)).ToList();
        try
        {
            await Task.WhenAll(starts);
            return true;
        }
        catch (OperationCanceledException) when (starts.All(start => start.IsCompletedSuccessfully || start.IsCanceled))
        {
            return false;
        }
    }

    private async Task StartAsync(Node node, Lazy<DirectoryInfo> scratch, CancellationTokenSource enough)
    {
        try
        {
            await Task.WhenAll(node.Resource.WaitsFor.Select(other => _nodes[other].Up.Task)).WaitAsync(enough.Token);
            var (start, input) = node.Resource switch
            {
                RedisResource redis => await RedisServer.DescribeAsync(redis, scratch, enough.Token),
                ProjectResource project => (ServiceProgram.Describe(project), ""),
                _ => throw new NotSupportedException(node.Resource.GetType().Name),
            };
            node.Process = await ResourceProcess.StartAsync(_launcher, node.Prefix, start, input, _output);
            await HealthProbe.WaitAsync(node.Resource, node.Process, line => _output.WriteLine(node.Prefix + line), enough.Token);
            node.Up.SetResult();
        }
        catch
        {
            await enough.CancelAsync();
            throw;
        }
    }

    private async Task ReportReadyAsync()
    {
        foreach (var project in _nodes.Keys.OfType<ProjectResource>())
        {
            foreach (var url in project.Urls)
                await _output.WriteLineAsync($"{url.DisplayText}: {new Uri(project.Address, url.Url)}");
        }
        await _output.WriteLineAsync("Ready. Ctrl-C stops everything.");
    }

    private async Task WatchAsync()
    {
        var told = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _signals.Stop);
        var running = _nodes.Values.ToList();
        while (running.Count > 0)
        {
            await Task.WhenAny([told, .. running.Select(node => node.Process!.Exited)]);
            if (told.IsCompleted)
                return;
            foreach (var node in running.Where(node => node.Process!.Exited.IsCompleted).ToList())
            {
                running.Remove(node);
                await _output.WriteLineAsync($"{node.Prefix}ended with exit code {node.Process!.ExitCode}; the others go on");
            }
        }
        throw new AppHostException("All have ended.");
    }

    /// <summary>Stops a resource once all that wait for it have ended.</summary>
    private async Task StopAsync(Node node)
    {
        try
        {
            await Task.WhenAll(_nodes.Values.Where(other => other.Resource.WaitsFor.Contains(node.Resource)).Select(other => other.Gone.Task));
            if (node.Process is { } process)
                await StopAsync(process, node.Prefix);
        }
        finally
        {
            node.Gone.SetResult();
        }
    }

    private async Task StopAsync(ResourceProcess process, string prefix)
    {
        process.Send(ResourceProcess.SigTerm);
        if (await EndsAsync(process, StopTimeout, _signals.Hurry))
            return;
        if (!_signals.Hurry.IsCancellationRequested)
            await _output.WriteLineAsync($"{prefix}has not ended in {StopTimeout.TotalSeconds} s, and is told to wait no longer");
        // Services told twice do not wait for their calls.
        process.Send(ResourceProcess.SigTerm);
        if (await EndsAsync(process, HurryTimeout, _signals.Kill))
            return;
        await _output.WriteLineAsync($"{prefix}is killed");
        process.Send(ResourceProcess.SigKill);
        await process.EndAsync();
    }

    private static async Task<bool> EndsAsync(ResourceProcess process, TimeSpan timeout, CancellationToken enough)
    {
        try
        {
            await process.EndAsync().WaitAsync(timeout, TimeProvider.System, enough);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }

    private sealed class Node(StartedResource resource, string prefix)
    {
        public StartedResource Resource => resource;

        public string Prefix => prefix;

        public ResourceProcess? Process { get; set; }

        public TaskCompletionSource Up { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
