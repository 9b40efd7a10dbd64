using System.Runtime.InteropServices;

namespace Fn.AppHost.Offline;

/// <summary>Hears that the application is to stop. The first signal asks, the second says hurry, the third does not wait at all.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource[] _sources = [new(), new(), new()];
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
    ];

    public CancellationToken Stop => _sources[0].Token;

    public CancellationToken Hurry => _sources[1].Token;

    public CancellationToken Kill => _sources[2].Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        foreach (var source in _sources)
            source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        var index = Interlocked.Increment(ref _count) - 1;
        if (index < _sources.Length)
            _sources[index].Cancel();
    }
}
