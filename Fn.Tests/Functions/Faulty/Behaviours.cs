using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fn.Tests.Functions.Faulty;

/// <summary>
/// What the function does with a call. Told, as a name and arguments separated by blanks, by the header <c>Faulty</c> (or <c>Fn-Http-H-Faulty</c>); else by
/// the query <c>?faulty=</c>; else by a body that begins with <c>faulty: </c>. Not told: <c>echo</c>. Only the first two are known before the body is read.
/// </summary>
/// <remarks>
/// <para>Good answers:
/// <c>echo</c> the body, as its own type; <c>head</c> the request's head as text; <c>env</c> the environment, one variable a line; <c>pid</c>;
/// <c>sleep MS</c> then echo; <c>status N</c>; <c>big N</c> bytes with their length; <c>stream N</c> bytes in chunks of 1000;
/// <c>until-close N</c> bytes without a length, then exit 0; <c>cookies</c> two Set-Cookie lines, a Latin-1 header, hop headers; <c>interim</c> a 102 first;
/// <c>connection-close</c> says so; <c>close-connection</c> does so; <c>keep-alive S</c> a Keep-Alive header of so many seconds; <c>no-content</c>;
/// <c>ignore-sigterm</c>; <c>fork</c> leaves a child in a session of its own and answers its process id; <c>fill-tmp N</c> MiB into TMPDIR, answers the file;
/// <c>log N</c> lines to standard error; <c>say FILE</c> asks on standard error whether it is there, and echoes once it is; <c>print N</c> bytes to standard output (<c>http-stream</c> only); <c>log-without-end</c> goes on logging for ever after the answer;
/// <c>flood-log</c> likewise, 5 MB/s of what is no text, with <c>http-stream</c> as much again to standard output;
/// <c>checksum</c> of the body, which is not kept; <c>notice FILE</c> likewise, and makes the file when the body begins to come; <c>pour N</c> bytes that depend on their place,
/// <c>pour N chunked</c> in chunks; <c>hold FILE</c> answers "first", and "second" when the file is there;
/// <c>late-second-answer MS</c> answers again, uncalled, so much later; <c>count-executions FILE REST</c> appends a line to the file, then does REST.</para>
/// <para>Bad answers:
/// <c>garbage</c> no HTTP, and no end of line; <c>nothing</c> ever; <c>two-answers</c> at once; <c>early</c> answers without reading the body and never reads
/// again; <c>half</c> the announced length, then exit 0; <c>half-exit N</c> bytes without a length, then exit 1; <c>stall</c> half, then nothing;
/// <c>endless-headers</c>; <c>header-size N</c>; <c>bad-length</c>; <c>invalid-chunks</c>; <c>cut-chunks</c> exits between chunks;
/// <c>longer-than-content-length</c>; <c>switch-protocols</c>; <c>exit N</c> without an answer; <c>exit-unread N</c> before the body is read; <c>close-without-answer</c> exits with 0; <c>close-connection-unanswered</c> (on standard input and output this ends the function);
/// <c>close-stdout</c> and lives on; <c>close-stdin</c> without reading the body, and lives on.</para>
/// </remarks>
internal static class Behaviours
{
    private const string BodyPrefix = "faulty: ";

    /// <summary>False when the function is to read no further request.</summary>
    public static bool Answer(Request request, Connection connection)
    {
        var told = request.Header("Faulty") ?? request.Header("Fn-Http-H-Faulty") ?? Query(request.Target);
        if (told is null)
        {
            var body = connection.ReadBody(request);
            told = body.AsSpan().StartsWith(Encoding.ASCII.GetBytes(BodyPrefix)) ? Encoding.UTF8.GetString(body)[BodyPrefix.Length..].Trim() : "echo";
            return Do(told, request, connection, () => body);
        }
        return Do(told, request, connection, () => connection.ReadBody(request));
    }

    private static bool Do(string told, Request request, Connection connection, Func<byte[]> body)
    {
        var words = told.Split(' ', 3);
        var number = words.Length > 1 && int.TryParse(words[1], CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        switch (words[0])
        {
            case "count-executions":
                File.AppendAllText(words[1], request.Header("Fn-Call-Id") + "\n");
                return Do(words.Length > 2 ? words[2] : "echo", request, connection, body);
            case "early":
                connection.Answer("early");
                return Wait();
            case "exit-unread":
                return Exit(number);
            case "close-stdin":
                Close(0);
                return Wait();
            case "checksum" or "notice" or "pour" or "hold":
                return Streaming.Answer(told, request, connection);
            default:
                return DoRead(words[0], number, request, connection, body());
        }
    }

    private static bool DoRead(string name, int number, Request request, Connection connection, byte[] body)
    {
        switch (name)
        {
            case "echo":
                connection.Answer(body, $"Content-Type: {request.Header("Content-Type") ?? "text/plain"}\r\n");
                return true;
            case "head":
                connection.Answer($"{request.Method} {request.Target}\n" + string.Concat(request.Headers.Select(header => $"{header.Name}: {header.Value}\n")));
                return true;
            case "env":
                connection.Answer(string.Concat(Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(v => $"{v.Key}={v.Value}\n")));
                return true;
            case "pid":
                connection.Answer(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return true;
            case "sleep":
                Thread.Sleep(number);
                connection.Answer(body);
                return true;
            case "say":
                var heard = request.Header("Faulty")!["say ".Length..];
                Console.Error.WriteLine($"heard at {heard}?");
                Streaming.Await(heard);
                connection.Answer(body);
                return true;
            case "print":
                Console.OpenStandardOutput().Write(Bytes(number));
                connection.Answer(body);
                return true;
            case "status":
                connection.Answer(body, status: number);
                return true;
            case "big":
                connection.Answer(Bytes(number));
                return true;
            case "stream":
                Stream(number, connection);
                return true;
            case "until-close":
                connection.Write([.. "HTTP/1.1 200 OK\r\n\r\n"u8, .. Bytes(number)]);
                return Exit(0);
            case "cookies":
                connection.Answer("", "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: caf\u00e9\r\nProxy-Authenticate: x\r\nUpgrade: y\r\nTe: trailers\r\n");
                return true;
            case "interim":
                connection.Write("HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\n");
                connection.Answer(body);
                return true;
            case "connection-close":
                connection.Answer(body, "Connection: close\r\n");
                return true;
            case "close-connection":
                connection.Answer(body);
                return false;
            case "keep-alive":
                connection.Answer(body, $"Connection: keep-alive\r\nKeep-Alive: timeout={number}\r\n");
                return true;
            case "no-content":
                connection.Write("HTTP/1.1 204 No Content\r\n\r\n");
                return true;
            case "late-second-answer":
                connection.Answer("first");
                Thread.Sleep(number);
                connection.Answer("second");
                return true;
            default:
                return OnSystem(name, number, connection, body) ?? Badly(name, number, connection);
        }
    }

    private static bool? OnSystem(string name, int number, Connection connection, byte[] body)
    {
        switch (name)
        {
            case "ignore-sigterm":
                _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
                connection.Answer(body);
                return true;
            case "fork":
                connection.Answer(Fork());
                return true;
            case "fill-tmp":
                var file = Path.Combine(Path.GetTempPath(), "filled");
                File.WriteAllBytes(file, new byte[number << 20]);
                connection.Answer(file);
                return true;
            case "log":
                for (var i = 0; i < number; i++)
                    Console.Error.WriteLine($"line {i}");
                connection.Answer(body);
                return true;
            case "log-without-end":
                new Thread(LogForEver) { IsBackground = true }.Start();
                connection.Answer(body);
                return true;
            case "flood-log":
                new Thread(FloodLog) { IsBackground = true }.Start();
                connection.Answer(body);
                return true;
            default:
                return null;
        }
    }

    private static bool Badly(string name, int number, Connection connection)
    {
        switch (name)
        {
            case "garbage":
                connection.Write("this is no HTTP");
                return Wait();
            case "nothing":
                return Wait();
            case "two-answers":
                connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
                return true;
            case "half":
                connection.Write([.. "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8, .. Bytes(500)]);
                return Exit(0);
            case "half-exit":
                connection.Write([.. "HTTP/1.1 200 OK\r\n\r\n"u8, .. Bytes(number)]);
                return Exit(1);
            case "stall":
                connection.Write([.. "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8, .. Bytes(500)]);
                return Wait();
            case "endless-headers":
                connection.Write("HTTP/1.1 200 OK\r\n");
                while (true)
                    connection.Write("X-More: and more\r\n");
            case "header-size":
                connection.Answer("", $"X-Long: {new string('x', number)}\r\n");
                return true;
            case "bad-length":
                connection.Write("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n0123456789");
                return Wait();
            case "invalid-chunks":
                connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n");
                return Wait();
            case "cut-chunks":
                connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                return Exit(0);
            case "longer-than-content-length":
                connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world");
                return true;
            case "switch-protocols":
                connection.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
                return Wait();
            case "exit":
                return Exit(number);
            case "close-without-answer":
                return Exit(0);
            case "close-connection-unanswered":
                return false;
            case "close-stdout":
                Close(1);
                return Wait();
            default:
                connection.Answer($"no such behaviour: {name}", status: 400);
                return true;
        }
    }

    private static void Stream(int count, Connection connection)
    {
        const int Chunk = 1000;
        connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var left = count; left > 0; left -= Chunk)
            connection.Write([.. Encoding.ASCII.GetBytes($"{Math.Min(left, Chunk):x}\r\n"), .. Bytes(Math.Min(left, Chunk)), .. "\r\n"u8]);
        connection.Write("0\r\n\r\n");
    }

    private static string Fork()
    {
        // A shell without job control starts its child outside of a new group, so setsid keeps the process id that the shell tells.
        var info = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add("setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!");
        using var shell = Process.Start(info)!;
        return shell.StandardOutput.ReadToEnd().Trim();
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)('a' + (i % 26));
        return bytes;
    }

    private static string? Query(string target)
    {
        const string Key = "faulty=";
        var at = target.IndexOf(Key, StringComparison.Ordinal);
        return at < 0 ? null : WebUtility.UrlDecode(target[(at + Key.Length)..].Split('&')[0]);
    }

    private static void LogForEver()
    {
        while (true)
            Console.Error.WriteLine("and on and on");
    }

    private static void FloodLog()
    {
        var noise = new byte[50_000];
        new Random(1).NextBytes(noise);
        using var log = Console.OpenStandardError();
        using var output = Environment.GetEnvironmentVariable("FN_LISTENER") is null ? System.IO.Stream.Null : Console.OpenStandardOutput();
        while (true)
        {
            log.Write(noise);
            output.Write(noise);
            Thread.Sleep(10);
        }
    }

    // The runtime keeps duplicates of the standard descriptors.
    private static void Close(int file)
    {
        var pipe = new FileInfo($"/proc/self/fd/{file}").LinkTarget;
        foreach (var entry in new DirectoryInfo("/proc/self/fd").GetFiles().Where(entry => entry.LinkTarget == pipe))
            new SafeFileHandle(int.Parse(entry.Name, CultureInfo.InvariantCulture), ownsHandle: true).Dispose();
    }

    private static bool Exit(int code)
    {
        Environment.Exit(code);
        return false;
    }

    private static bool Wait()
    {
        Thread.Sleep(Timeout.Infinite);
        return false;
    }
}
