using System.Text;
using System.Text.RegularExpressions;
using Fn.Runner.Formats.Http;
using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.Http;
using Xunit;

namespace Fn.Tests.Runner.Formats.Http;

/// <summary>
/// Random answers, good and bad, in random pieces: what is read of them is what the framework's client reads of them. Where the two differ, the framework's
/// client was lenient, in one of the ways that are named here.
/// </summary>
public sealed partial class AnswerFuzzTests
{
    private const int Answers = 1500;
    private const int MaxHead = 64 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Read_AnyAnswer_IsReadAsTheFrameworkReadsIt(int seed)
    {
        var answers = new RandomAnswers(seed);
        var (read, refused) = (0, 0);
        for (var i = 0; i < Answers; i++)
        {
            var bytes = answers.Next();
            var text = Encoding.Latin1.GetString(bytes);
            var shown = Regex.Escape(text).Replace("\\ ", " ", StringComparison.Ordinal);
            var ours = await ReadOursAsync(new ScriptedStream(bytes, i));
            var theirs = await ReadTheirsAsync(new ScriptedStream(bytes, i + Answers));
            if (ours is null && theirs is not null)
                Assert.True(Lenient().IsMatch(text), $"Refused, though nothing is wrong with it: {shown}");
            else
                Assert.True(ours == theirs, $"{shown}\n--- is read as\n{ours}\n--- by the framework as\n{theirs}");
            read += ours is null ? 0 : 1;
            refused += ours is null ? 1 : 0;
        }
        Assert.InRange(read, Answers / 4, Answers);
        Assert.InRange(refused, Answers / 20, Answers);
    }

    // What an answer that only announces another one says beside that; lines that are folded; a blank before a colon; carriage returns alone, and zeros; lengths and codings that contradict each other or are not known; a
    // status below 100.
    [GeneratedRegex("""^HTTP/1.\d 1|\n[ \t]|[ \t]:|\r(?!\n)|\0|Content-Length:[^\n]*(\n.*)*Content-Length:|Content-Length:[ \t]*\r?\n|Content-Length:.*[^0-9\s]|Content-Length:.*\d\s+\d|Content-Length:.*\d{19}|Transfer-Encoding:(?!\s*chunked\s*\n)|Transfer-Encoding:[^\n]*(\n.*)*Transfer-Encoding:|HTTP/1.\d 0""", RegexOptions.IgnoreCase)]
    private static partial Regex Lenient();

    private static async Task<string?> ReadOursAsync(ScriptedStream function)
    {
        var exchange = new Exchange { Handed = true };
        using var link = new FunctionLink(function, function, TimeProvider.System);
        Assert.True(link.TryBegin(exchange));
        await link.WriteAsync("x"u8.ToArray());
        try
        {
            await link.HeardAsync();
            if (await link.ReadHeadAsync(MaxHead) is not { Head: { } head })
                return null;
            await using var body = new AnswerBody(link, head, new AnswerLimits(null, MaxHead, TimeProvider.System, Ended: null), () => { }, default, Cancel);
            return await DescribeAsync(head.Status, head.Headers, body);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string?> ReadTheirsAsync(ScriptedStream function)
    {
        using var invoker = InvokerFactory.Create(new InvokerOptions { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(function), MaxResponseHeaderSize = MaxHead });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost/") { Content = new ByteArrayContent("x"u8.ToArray()) };
        try
        {
            using var response = await invoker.SendAsync(request, Cancel);
            var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .SelectMany(static header => header.Value.Select(value => new Header(header.Key, value)))
                .Where(static header => !HopHeaders.Contains(header.Name, header.Value) && !header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase));
            return await DescribeAsync((int)response.StatusCode, headers, await response.Content.ReadAsStreamAsync(Cancel));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static async Task<string> DescribeAsync(int status, IEnumerable<Header> headers, Stream body)
    {
        var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, Cancel);
        // The framework writes names that it knows as it likes, and puts lines of one name together.
        var lines = headers.Select(static header => $"{header.Name.ToUpperInvariant()}: {header.Value}").Order(StringComparer.Ordinal);
        return $"{status}\n{string.Join('\n', lines)}\n\n{Encoding.Latin1.GetString(bytes.ToArray())}";
    }
}
