using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Hosting;

/// <summary>Tells the failures of a start that are the operator's to mend from those that are bugs.</summary>
internal static class StartErrors
{
    /// <summary>One line for each thing that is wrong; null when any part of it is unexpected, so that nothing is hidden.</summary>
    public static IReadOnlyList<string>? Describe(Exception exception)
    {
        switch (exception)
        {
            case OptionsValidationException invalid:
                return [.. invalid.Failures];
            case FnStartException start:
                return [start.Message];
            case AggregateException several:
                var parts = several.InnerExceptions.Select(Describe).ToList();
                return parts.Contains(null) ? null : [.. parts.SelectMany(lines => lines!).Distinct()];
            case IOException { InnerException: AddressInUseException } inUse:
                return [$"{inUse.Message.TrimEnd('.')}. Stop what listens there, or choose another address: --urls http://127.0.0.1:PORT"];
            case SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } socket:
                return [$"Failed to bind to a configured address: {socket.Message}. Choose another address: --urls http://127.0.0.1:PORT"];
            default:
                return null;
        }
    }
}
