using System.Diagnostics.CodeAnalysis;

namespace Fn.Api.Runners;

/// <summary>The connections to one runner that have no call. The one that was used last is taken first. Thread-safe.</summary>
internal sealed class RunnerChannels : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<RunnerChannel> _idle = new();
    private bool _disposed;

    /// <summary>Takes one that may be used; false: there is none.</summary>
    public bool TryTake([NotNullWhen(true)] out RunnerChannel? channel)
    {
        while (TryPop(out channel))
        {
            if (channel.IsAlive())
                return true;
            channel.End();
        }
        return false;
    }

    /// <summary>Takes one back whose exchange is over, or ends it.</summary>
    public void Return(RunnerChannel channel)
    {
        if (channel.Reusable)
        {
            lock (_lock)
            {
                if (!_disposed)
                {
                    _idle.Push(channel);
                    return;
                }
            }
        }
        channel.End();
    }

    /// <summary>Ends those without a call; the others end with theirs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_idle.TryPop(out var channel))
                channel.End();
        }
    }

    private bool TryPop([NotNullWhen(true)] out RunnerChannel? channel)
    {
        lock (_lock)
            return _idle.TryPop(out channel);
    }
}
