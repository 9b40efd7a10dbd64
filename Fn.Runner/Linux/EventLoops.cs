namespace Fn.Runner.Linux;

/// <summary>The threads that hear of sockets; they are there from the start, and no socket costs one.</summary>
/// <param name="count">How many.</param>
internal sealed class EventLoops(int count) : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, count).Select(static index => new EventLoop($"sockets {index}"))];
    private uint _next;

    public void Dispose()
    {
        foreach (var loop in _loops)
            loop.Dispose();
    }

    /// <summary>The next in turn.</summary>
    public EventLoop Next() => _loops[Interlocked.Increment(ref _next) % _loops.Length];
}
