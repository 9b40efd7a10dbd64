using System.Net;
using System.Net.Sockets;
using Fn.ServiceDefaults.Cluster;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Calls.Http;

/// <summary>Listens, beside each TCP address, on the <see cref="RunnerSocket"/> that stands for it.</summary>
internal sealed partial class LocalListenerFactory(IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);
    private readonly ILogger _logger = loggers.CreateLogger<LocalListenerFactory>();

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint && OperatingSystem.IsLinux();

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var tcp = await _sockets.BindAsync(endpoint, cancellationToken);
        var socket = RunnerSocket.For((IPEndPoint)tcp.EndPoint);
        try
        {
            return new LocalListener(tcp, await _sockets.BindAsync(socket, cancellationToken));
        }
        catch (Exception e) when (e is AddressInUseException or SocketException)
        {
            // Another process has that name, or there are no unix sockets here. Neither keeps a runner from starting.
            Log.NoSocket(_logger, socket, e);
            return tcp;
        }
        catch
        {
            await tcp.DisposeAsync();
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2031, LogLevel.Warning, "Gateways on this machine cannot use {Socket} and come over TCP, which takes longer")]
        public static partial void NoSocket(ILogger logger, EndPoint socket, Exception exception);
    }
}
