using Fn.Runner.Drivers;

namespace Fn.Runner.Formats.Cold;

/// <summary>
/// Reads a function's standard output until the function has ended. One read is outstanding at a time, and is left so when a wait for it is given up:
/// nothing is lost.
/// </summary>
internal sealed class ColdOutput(Stream output, Task<ContainerExit> ended, TimeProvider time) : IDisposable
{
    private const int BufferSize = 32 * 1024;

    /// <summary>How long what is still under way may take after the end of the process: something it started may keep the output open for ever.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly CancellationTokenSource _stop = new();
    private Task<bool>? _filling;

    /// <summary>What was read and not yet taken.</summary>
    public ReadOnlyMemory<byte> Available { get; private set; }

    /// <summary>Nothing more is written; only the exit code is still to come.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>
    /// Completes with true when there is something in <see cref="Available"/>, with false when there will be nothing more. The same task until it is done;
    /// ask again only after what is available was taken.
    /// </summary>
    public Task<bool> FillAsync()
    {
        if (_filling is not { IsCompleted: false })
            _filling = FillCoreAsync();
        return _filling;
    }

    /// <summary>Takes so many bytes from what is available.</summary>
    public void Take(int count) => Available = Available[count..];

    /// <summary>Gives up the outstanding read.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<bool> FillCoreAsync()
    {
        if (!Available.IsEmpty)
            return true;
        var reading = ReadAsync();
        if (await Task.WhenAny(reading, ended) != reading)
            await Task.WhenAny(reading, Task.Delay(Moment, time, _stop.Token));
        if (!reading.IsCompleted)
            return false;
        var count = await reading;
        // A closed output is not yet the end: whether the answer is whole, the exit code says.
        if (count == 0)
            await ended.WaitAsync(_stop.Token);
        Available = _buffer.AsMemory(0, count);
        return count > 0;
    }

    private async Task<int> ReadAsync()
    {
        try
        {
            var count = await output.ReadAsync(_buffer, _stop.Token);
            IsClosed = count == 0;
            return count;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return 0;
        }
    }
}
