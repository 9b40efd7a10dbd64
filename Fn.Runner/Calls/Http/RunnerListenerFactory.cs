using System.Net;
using System.Net.Sockets;
using Fn.Runner.Calls.Offers;
using Fn.Runner.Linux;
using Fn.ServiceDefaults.Cluster;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fn.Runner.Calls.Http;

/// <summary>Listens, beside each TCP address, on the <see cref="RunnerSocket"/> that stands for it.</summary>
internal sealed partial class RunnerListenerFactory(
    IOptions<SocketTransportOptions> options, EventLoops loops, CallIntake intake, ClusterGuard guard, TimeProvider time, ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportOptions _options = options.Value;
    private readonly ILogger _logger = loggers.CreateLogger<RunnerListenerFactory>();

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint && OperatingSystem.IsLinux();

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket tcp;
        try
        {
            tcp = Listen(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        Socket[] sockets;
        try
        {
            sockets = TryListenBeside((IPEndPoint)tcp.LocalEndPoint!) is { } local ? [tcp, local] : [tcp];
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
        var contexts = new SocketConnectionContextFactory(ContextOptions(), _logger);
        return ValueTask.FromResult<IConnectionListener>(new RunnerListener(sockets, loops, new OfferConnections(intake, guard), contexts, time));
    }

    private Socket? TryListenBeside(IPEndPoint address)
    {
        var name = RunnerSocket.For(address);
        try
        {
            return Listen(name);
        }
        catch (SocketException e)
        {
            // Another process has that name, or there are no unix sockets here. Neither keeps a runner from starting.
            Log.NoSocket(_logger, name, e);
            return null;
        }
    }

    private Socket Listen(EndPoint endpoint)
    {
        var socket = _options.CreateBoundListenSocket(endpoint);
        try
        {
            socket.Listen(_options.Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SocketConnectionFactoryOptions ContextOptions() => new()
    {
        IOQueueCount = _options.IOQueueCount,
        WaitForDataBeforeAllocatingBuffer = _options.WaitForDataBeforeAllocatingBuffer,
        UnsafePreferInlineScheduling = _options.UnsafePreferInlineScheduling,
        MaxReadBufferSize = _options.MaxReadBufferSize,
        MaxWriteBufferSize = _options.MaxWriteBufferSize,
    };

    private static partial class Log
    {
        [LoggerMessage(2031, LogLevel.Warning, "Gateways on this machine cannot use {Socket} and come over TCP, which takes longer")]
        public static partial void NoSocket(ILogger logger, EndPoint socket, Exception exception);
    }
}
