using System.Diagnostics;
using System.Text;

namespace Fn.Bench.Cold;

/// <summary>The function that is started: a shell that answers each request on its standard input, and the request that it is sent.</summary>
internal static class FirstAnswer
{
    public const string Image = "bench/hello:1";

    /// <summary>Says hello at the end of each request's headers; its requests have no body.</summary>
    public const string Script = "while read line; do case $line in *:*|*HTTP/1.1*) ;; *) printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello';; esac; done";

    private const string End = "hello";
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: bench\r\n\r\n");

    /// <summary>Sends it a request; completes when the answer is there as a whole.</summary>
    public static async Task ReadAsync(Stream input, Stream output, CancellationToken cancel)
    {
        await input.WriteAsync(Request, cancel);
        await input.FlushAsync(cancel);
        var answer = new byte[256];
        for (var length = 0; !Encoding.ASCII.GetString(answer, 0, length).EndsWith(End, StringComparison.Ordinal);)
        {
            var count = await output.ReadAsync(answer.AsMemory(length), cancel);
            length += count > 0 ? count : throw new InvalidOperationException($"The function ended after \"{Encoding.ASCII.GetString(answer, 0, length)}\".");
        }
    }

    public static double Millis(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
