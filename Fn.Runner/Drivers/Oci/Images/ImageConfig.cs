using System.Runtime.InteropServices;
using System.Text.Json;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>What an image says of itself: the layers it consists of and how it is run. Immutable.</summary>
internal sealed record ImageConfig
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>The digest of the configuration, and so of everything in it.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The digests of its layers before compression, the lowest first.</summary>
    public required IReadOnlyList<Digest> Layers { get; init; }

    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>Who runs it: <c>USER[:GROUP]</c>, each a name or a number; empty for root.</summary>
    public required string User { get; init; }

    public required bool HasVolumes { get; init; }

    /// <summary>Reads it. Throws <see cref="InvalidDataException"/> when it is none, or one for other machines.</summary>
    public static ImageConfig Parse(ReadOnlySpan<byte> content)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(content, Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"its configuration cannot be read: {e.Message}", e);
        }
        if (document.Os is not "linux")
            throw new InvalidDataException($"it is made for {document.Os ?? "no system"}, not for linux");
        if (document.Architecture != Architecture)
            throw new InvalidDataException($"it is made for {document.Architecture ?? "no machine"}, not for {Architecture}");
        var run = document.Config ?? new Run();
        return new ImageConfig
        {
            Digest = Digest.Of(content),
            Layers = [.. (document.Rootfs?.Diff_ids ?? []).Select(Digest.Parse)],
            Environment = Whole(run.Env),
            Command = [.. Whole(run.Entrypoint), .. Whole(run.Cmd)],
            WorkingDirectory = run.WorkingDir is { Length: > 0 } directory ? directory : "/",
            User = run.User ?? "",
            HasVolumes = run.Volumes is { Count: > 0 },
        };
    }

    private static List<string> Whole(List<string?>? words) =>
        [.. (words ?? []).Select(word => word ?? throw new InvalidDataException("a word in its configuration is null"))];

    /// <summary>This machine's architecture as images name it.</summary>
    public static string Architecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        var other => other.ToString().ToLowerInvariant(),
    };

    private sealed record Document
    {
        public string? Os { get; init; }

        public string? Architecture { get; init; }

        public Run? Config { get; init; }

        public Layered? Rootfs { get; init; }
    }

    private sealed record Run
    {
        public string? User { get; init; }

        public List<string?>? Env { get; init; }

        public List<string?>? Entrypoint { get; init; }

        public List<string?>? Cmd { get; init; }

        public string? WorkingDir { get; init; }

        public Dictionary<string, JsonElement>? Volumes { get; init; }
    }

    private sealed record Layered
    {
        // As it is written there.
        public List<string?>? Diff_ids { get; init; }
    }
}
