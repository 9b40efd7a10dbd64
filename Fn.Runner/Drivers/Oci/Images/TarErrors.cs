namespace Fn.Runner.Drivers.Oci.Images;

/// <summary>What reading something that is no tar archive, or no whole one, throws.</summary>
internal static class TarErrors
{
    public static bool IsMalformed(Exception error) =>
        error is EndOfStreamException or InvalidDataException or FormatException or NotSupportedException or ArgumentException or OverflowException
            or (InvalidOperationException and not ObjectDisposedException);
}
