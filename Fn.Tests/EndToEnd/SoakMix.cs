namespace Fn.Tests.EndToEnd;

/// <summary>Draws the calls of a soak: mostly good ones of all sizes, and every wrong that a function can do.</summary>
internal sealed class SoakMix(IReadOnlyList<SoakFunction> patient, SoakFunction hasty, SoakFunction shell, int maxResponseSize)
{
    private const int MaxBody = 200_000;

    // One period of what the faulty function writes, as often as it is needed.
    private static readonly string Letters = string.Concat(Enumerable.Range(0, 26 * 40_000).Select(i => (char)('a' + (i % 26))));
    private static readonly string Chunk = Letters[..1000];

    public SoakCase Draw(Random random) => random.Next(100) switch
    {
        < 45 => Echo(random),
        < 68 => Good(random),
        < 78 => GoodShell(random),
        < 92 => Bad(random),
        < 98 => BadShell(random),
        _ => Slow(random),
    };

    private SoakCase Echo(Random random)
    {
        var body = Body(random);
        return Http(random, "echo", body, SoakCase.Answers(body));
    }

    private SoakCase Good(Random random)
    {
        var (body, size, status) = ($"body {random.Next()}", random.Next(maxResponseSize / 4), 400 + random.Next(200));
        return random.Next(9) switch
        {
            0 => Http(random, $"sleep {random.Next(40)}", body, SoakCase.Answers(body)),
            1 => Http(random, $"big {size}", body, SoakCase.Answers(Letters[..size])),
            2 => Http(random, $"stream {size}", body, SoakCase.Answers(Chunks(size))),
            3 => Http(random, $"status {status}", body, SoakCase.Answers(body, status)),
            4 => Http(random, "log 300", body, SoakCase.Answers(body)),
            5 => Http(random, "interim", body, SoakCase.Answers(body)),
            6 => Http(random, "ignore-sigterm", body, SoakCase.Answers(body)),
            7 => Http(random, "fork", body, SoakCase.AnswersSo(text => int.TryParse(text, out _))),
            _ => Http(random, "fill-tmp 1", body, SoakCase.AnswersSo(text => text.EndsWith("/filled", StringComparison.Ordinal))),
        };
    }

    private SoakCase GoodShell(Random random)
    {
        var body = Body(random);
        return random.Next(4) switch
        {
            0 => Shell("cat", body, SoakCase.Answers(body)),
            1 => Shell("wc -c", body, SoakCase.Answers($"{body.Length}\n")),
            2 => Shell("echo unread", body, SoakCase.Answers("unread\n")),
            _ => Shell("setsid sleep 1000 & echo $!", body, SoakCase.AnswersSo(text => int.TryParse(text, out _))),
        };
    }

    private SoakCase Bad(Random random)
    {
        const string invalid = "invalid http response from function err: ";
        var body = random.Next(2) == 0 ? "" : Body(random);
        return random.Next(19) switch
        {
            0 => Http(random, "garbage", body, SoakCase.Fails(502, invalid + "malformed HTTP response \"this is no HTTP\"")),
            1 => Http(random, "bad-length", body, SoakCase.Fails(502, invalid + "bad Content-Length")),
            2 => Http(random, "header-size 70000", body, SoakCase.Fails(502, "function response header too large")),
            3 => Http(random, "endless-headers", body, SoakCase.Fails(502, "function response header too large")),
            4 => Http(random, $"big {maxResponseSize + 1}", body, SoakCase.Fails(502, "function response body too large")),
            5 => Http(random, "exit 3", body, SoakCase.FailsWithoutAnswer),
            6 => Http(random, "close-without-answer", body, SoakCase.FailsWithoutAnswer),
            7 => Http(random, "close-stdout", body, SoakCase.FailsWithoutAnswer),
            8 => Http(random, "half", body, SoakCase.BreaksOff(Chunk)),
            9 => Http(random, "half-exit 500", body, SoakCase.BreaksOff(Chunk)),
            10 => Http(random, "cut-chunks", body, SoakCase.BreaksOff("hello")),
            11 => Http(random, "invalid-chunks", body, SoakCase.BreaksOff("hello")),
            12 => Http(random, $"stream {maxResponseSize + 1}", body, SoakCase.BreaksOff(Chunks(maxResponseSize))),
            13 => Http(random, "two-answers", body, SoakCase.Answers("one")),
            14 => Http(random, "longer-than-content-length", body, SoakCase.Answers("hello")),
            15 => Http(random, "until-close 100", body, SoakCase.Answers(Letters[..100])),
            16 => Http(random, "early", Letters[..MaxBody], SoakCase.Fails(502, "function invoked write before receiving entire request")),
            17 => Http(random, "close-stdin", Letters[..MaxBody], SoakCase.Fails(502, "function closed pipe while receiving request")),
            _ => Http(random, "exit-unread 0", Letters[..MaxBody], SoakCase.FailsWithoutAnswer),
        };
    }

    private SoakCase BadShell(Random random) => random.Next(5) switch
    {
        0 => Shell("exit 3", Body(random), SoakCase.Fails(502, "container exit code 3")),
        1 => Shell("echo half; exit 1", "", SoakCase.Fails(502, "container exit code 1")),
        2 => Shell("kill -9 $$", "", SoakCase.FailsOutOfMemory),
        3 => Shell("head -c 200000 /dev/zero; exit 1", "", SoakCase.BreaksOff(new string('\0', 200_000), (502, "container exit code 1"))),
        _ => Shell("yes", "", SoakCase.BreaksOff(string.Concat(Enumerable.Repeat("y\n", maxResponseSize / 2)), (502, "function response too large"))),
    };

    private SoakCase Slow(Random random) => random.Next(3) switch
    {
        0 => new SoakCase(hasty, "nothing", "", Chunked: false, SoakCase.Fails(504, "Timed out")),
        1 => new SoakCase(hasty, "stall", "", Chunked: false, SoakCase.BreaksOff(Chunk, (504, "Timed out"))),
        _ => Shell("sleep 1000", "", SoakCase.Fails(504, "Timed out")),
    };

    private SoakCase Http(Random random, string behaviour, string body, Func<CallOutcome, bool> isDefined) =>
        new(patient[random.Next(patient.Count)], behaviour, body, random.Next(3) == 0, isDefined);

    private SoakCase Shell(string script, string body, Func<CallOutcome, bool> isDefined) => new(shell, script, body, Chunked: false, isDefined);

    // Many small ones, some that are streamed.
    private static string Body(Random random) => Letters[..(random.Next(4) == 0 ? random.Next(MaxBody) : random.Next(100))];

    private static string Chunks(int size) => string.Concat(Enumerable.Repeat(Chunk, size / 1000)) + Chunk[..(size % 1000)];
}
