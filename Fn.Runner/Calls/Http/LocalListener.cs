using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Fn.Runner.Calls.Http;

/// <summary>Takes connections from two listeners as if they came from the first one. One accept at a time.</summary>
internal sealed class LocalListener(IConnectionListener tcp, IConnectionListener local) : IConnectionListener
{
    private Task<ConnectionContext?>? _fromTcp;
    private Task<ConnectionContext?>? _fromLocal;

    public EndPoint EndPoint => tcp.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // The one that has nothing yet goes on waiting until the next accept. The local one first: the end of the other is the end of both.
        _fromTcp ??= tcp.AcceptAsync(cancellationToken).AsTask();
        _fromLocal ??= local.AcceptAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(_fromLocal, _fromTcp) == _fromLocal && await _fromLocal is { } connection)
        {
            _fromLocal = null;
            return connection;
        }
        // A local one that has no more was told to end, as the other one was.
        var accepted = _fromTcp;
        _fromTcp = null;
        return await accepted;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await local.UnbindAsync(cancellationToken);
        await tcp.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await local.DisposeAsync();
        await tcp.DisposeAsync();
    }
}
