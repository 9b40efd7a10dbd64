namespace Fn.Runner.Linux;

/// <summary>The threads that hear of sockets, one for each processor; they are there from the start, and no socket costs one.</summary>
internal sealed class EventLoops : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new EventLoop($"sockets {index}"))];
    private uint _next;

    public void Dispose()
    {
        foreach (var loop in _loops)
            loop.Dispose();
    }

    /// <summary>The next in turn.</summary>
    public EventLoop Next() => _loops[Interlocked.Increment(ref _next) % _loops.Length];
}
