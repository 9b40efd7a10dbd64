using System.Buffers;
using System.IO.Pipelines;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fn.Api.Invocation;

/// <summary>A client's body, ready to be offered: read, when it is known to be small; else still with the client.</summary>
/// <param name="Body">What is offered.</param>
/// <param name="Incoming">The stream behind it, when it is still with the client.</param>
internal readonly record struct ClientBody(CallBody Body, IncomingBody? Incoming)
{
    /// <summary>Takes the body of a request; null when the client breaks off.</summary>
    /// <param name="context">A request whose body nobody has touched.</param>
    /// <param name="limit">Largest body in bytes; one of known length has been checked already.</param>
    public static async ValueTask<ClientBody?> TakeAsync(HttpContext context, long? limit)
    {
        var length = context.Request.ContentLength;
        if (length is > 0 and <= CallBody.MaxBuffered)
            return await ReadAsync(context, (int)length);
        // The server would count what frames the chunks as well; an incoming body counts itself alone.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (length == 0 || (length is null && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false))
            return new ClientBody(CallBody.Empty, null);
        var incoming = new IncomingBody(context.Request, length, limit);
        return new ClientBody(CallBody.FromStream(incoming, length), incoming);
    }

    private static async ValueTask<ClientBody?> ReadAsync(HttpContext context, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            // Nearly always all of it has come with the head, and there is nothing to wait for.
            if (!TryRead(context.Request.BodyReader, bytes))
                await context.Request.Body.ReadExactlyAsync(bytes, context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return null;
        }
        return new ClientBody(CallBody.FromBuffer(bytes), null);
    }

    /// <summary>Reads what is there if it is all of it, and nothing otherwise.</summary>
    private static bool TryRead(PipeReader reader, Span<byte> all)
    {
        if (!reader.TryRead(out var read))
            return false;
        var isAll = read.Buffer.Length >= all.Length;
        if (isAll)
            read.Buffer.CopyTo(all);
        reader.AdvanceTo(isAll ? read.Buffer.End : read.Buffer.Start);
        return isAll;
    }
}
