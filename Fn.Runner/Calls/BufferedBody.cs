using Fn.ServiceDefaults.Contracts;

namespace Fn.Runner.Calls;

/// <summary>Reads a body into memory, for a call that outlives its client.</summary>
internal static class BufferedBody
{
    /// <summary>The body, or why it cannot be had.</summary>
    /// <param name="body">The body as it was offered.</param>
    /// <param name="most">Most bytes that may be kept.</param>
    /// <param name="clientLeft">Ends the reading.</param>
    public static async Task<(CallBody? Body, CallFailure? Failure)> ReadAsync(CallBody body, long most, CancellationToken clientLeft)
    {
        if (body.IsBuffered)
            return (body, null);
        if (body.Length > most)
            return (null, TooLarge(most));
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            var stream = body.Open();
            for (int read; (read = await stream.ReadAsync(buffer, clientLeft)) > 0;)
            {
                if (bytes.Length + read > most)
                    return (null, TooLarge(most));
                await bytes.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (null, new CallFailure(CallError.ClientLeft));
        }
        return (CallBody.FromBuffer(bytes.ToArray()), null);
    }

    private static CallFailure TooLarge(long most) => new(CallError.RequestTooLarge) { Limit = $"{CallOptions.Section}:MaxDetachedBody={most}" };
}
