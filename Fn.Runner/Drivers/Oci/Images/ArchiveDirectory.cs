using System.Runtime.InteropServices;
using Fn.Runner.Linux;

namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>
/// An image layout that lies unpacked in a directory. It has the members that a layout has, as files of its own, and nothing else: no other name is looked up,
/// and no link is followed, so nothing outside is ever read.
/// </summary>
internal sealed class ArchiveDirectory(string directory) : IImageArchive
{
    private const string Blobs = "blobs/sha256/";

    public Stream? Open(string member)
    {
        if (member is "index.json" or "oci-layout")
        {
            using var top = LinuxFiles.OpenDirectory(directory + "/.");
            return LinuxFiles.OpenFile(top, member, out var error) is { } file ? new FileStream(file, FileAccess.Read) : Missing(error, member);
        }
        if (!member.StartsWith(Blobs, StringComparison.Ordinal) || Digest.TryParseHex(member[Blobs.Length..]) is not { } digest)
            return null;
        return OpenBlob(digest, member);
    }

    public void Dispose()
    {
    }

    private FileStream? OpenBlob(Digest digest, string member)
    {
        using var blobs = LinuxFiles.OpenDirectory(Path.Combine(directory, "blobs"));
        if (blobs.IsInvalid)
            return Missing(Marshal.GetLastPInvokeError(), member);
        using var inside = LinuxFiles.OpenDirectory(blobs, "sha256");
        if (inside.IsInvalid)
            return Missing(Marshal.GetLastPInvokeError(), member);
        return LinuxFiles.OpenFile(inside, digest.Hex, out var error) is { } file ? new FileStream(file, FileAccess.Read) : Missing(error, member);
    }

    private static FileStream? Missing(int error, string member) =>
        error == LinuxFiles.NoSuchEntry ? null : throw new InvalidDataException($"{LayerNames.Shown(member)} is no file that can be read: {Marshal.GetPInvokeErrorMessage(error)}");
}
