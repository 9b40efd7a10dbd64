using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Fn.Runner.Drivers.Oci.Images;

namespace Fn.Tests.Runner.Drivers.Oci.Images;

/// <summary>A layer that is made for a test: what a tar archive says and what it is not supposed to say.</summary>
internal sealed class TestLayer
{
    private readonly MemoryStream _content = new();
    private readonly TarWriter _tar;

    public TestLayer() => _tar = new TarWriter(_content, TarEntryFormat.Pax, leaveOpen: true);

    public TestLayer File(string name, string content = "", UnixFileMode mode = (UnixFileMode)0x1A4) =>
        Add(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode });

    public TestLayer FileOf(string name, string hostPath)
    {
        using var data = System.IO.File.OpenRead(hostPath);
        return Add(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data, Mode = (UnixFileMode)0x1ED });
    }

    public TestLayer Zeros(string name, int bytes) => Add(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[bytes]) });

    public TestLayer Directory(string name, UnixFileMode mode = (UnixFileMode)0x1ED) => Add(new PaxTarEntry(TarEntryType.Directory, name) { Mode = mode });

    public TestLayer Link(string name, string target) => Add(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });

    public TestLayer HardLink(string name, string target) => Add(new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target });

    public TestLayer Special(string name, TarEntryType type) => Add(new PaxTarEntry(type, name));

    public TestLayer Add(TarEntry entry)
    {
        // The same files are the same layer.
        entry.ModificationTime = DateTimeOffset.UnixEpoch.AddYears(40);
        _tar.WriteEntry(entry);
        return this;
    }

    /// <summary>The layer as it is before compression.</summary>
    public byte[] ToBytes()
    {
        _tar.Dispose();
        return _content.ToArray();
    }

    public static byte[] GZip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static byte[] Zstd(byte[] content) => new ZstdSharp.Compressor().Wrap(content).ToArray();

    public static Digest DigestOf(byte[] content) => Digest.Of(content);
}
