namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>What one image may take when it is unpacked: a small archive can hold any amount. Not thread-safe.</summary>
internal sealed class UnpackBudget(long maxBytes, int maxFiles)
{
    /// <summary>What an entry takes on a disk beside its content, and be it empty.</summary>
    private const int BytesOfAFile = 4096;

    private int _files;

    /// <summary>Bytes taken so far.</summary>
    public long Bytes { get; private set; }

    public void TakeBytes(long count)
    {
        if (count > maxBytes - Bytes)
            throw new InvalidDataException($"unpacked, the image is larger than {OciOptions.Section}:{nameof(OciOptions.MaxImageSize)}={maxBytes} bytes");
        Bytes += count;
    }

    public void TakeFile()
    {
        if (++_files > maxFiles)
            throw new InvalidDataException($"the image has more files than {OciOptions.Section}:{nameof(OciOptions.MaxImageFiles)}={maxFiles}");
        TakeBytes(BytesOfAFile);
    }
}
