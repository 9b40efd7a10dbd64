using System.Globalization;
using System.Text;

namespace Fn.Tests.Functions.Faulty;

/// <summary>Behaviours with bodies too large to be kept, and with those that come in parts.</summary>
internal static class Streaming
{
    private const int Piece = 64 * 1024;

    public static bool Answer(string told, Request request, Connection connection)
    {
        var words = told.Split(' ');
        switch (words[0])
        {
            case "checksum":
                connection.Answer(Checksum(request, connection, null));
                return true;
            case "notice":
                connection.Answer(Checksum(request, connection, words[1]));
                return true;
            case "pour":
                connection.ReadBody(request);
                Pour(long.Parse(words[1], CultureInfo.InvariantCulture), words.Contains("chunked"), connection);
                return true;
            case "hold":
                connection.ReadBody(request);
                connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
                Await(words[1]);
                connection.Write("6\r\nsecond\r\n0\r\n\r\n");
                return true;
            default:
                throw new ArgumentException(told);
        }
    }

    /// <summary>Waits until a file is there.</summary>
    public static void Await(string file)
    {
        using var there = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(file)!, Path.GetFileName(file));
        watcher.Created += (_, _) => there.Set();
        watcher.EnableRaisingEvents = true;
        // Watched first, then looked: what comes in between is seen.
        if (!File.Exists(file))
            there.Wait();
    }

    // FNV-1a, and the length: needs no library, which the image has not.
    private static string Checksum(Request request, Connection connection, string? notice)
    {
        var (hash, length) = (14695981039346656037UL, 0L);
        connection.ReadBody(request, piece =>
        {
            if (notice is not null && length == 0)
                File.WriteAllText(notice, "");
            length += piece.Length;
            foreach (var each in piece)
                hash = (hash ^ each) * 1099511628211UL;
        });
        return $"{length} {hash:x16}";
    }

    private static void Pour(long count, bool chunked, Connection connection)
    {
        connection.Write($"HTTP/1.1 200 OK\r\n{(chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {count}")}\r\n\r\n");
        var bytes = new byte[Piece];
        for (long at = 0; at < count; at += Piece)
        {
            var piece = bytes.AsSpan(0, (int)Math.Min(Piece, count - at));
            for (var i = 0; i < piece.Length; i++)
                piece[i] = (byte)((ulong)(at + i) * 0x9E3779B97F4A7C15UL >> 56);
            connection.Write(chunked ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece);
        }
        if (chunked)
            connection.Write("0\r\n\r\n");
    }
}
