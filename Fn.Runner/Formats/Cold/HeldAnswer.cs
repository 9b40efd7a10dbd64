namespace Fn.Runner.Formats.Cold;

/// <summary>The beginning of an answer that is not passed on yet: in memory, and from a size on in a file that is gone with its last handle, however the process ends.</summary>
internal sealed class HeldAnswer : IDisposable
{
    private const int InMemory = 1024 * 1024;

    private Stream _stream = new MemoryStream();

    public long Length => _stream.Length;

    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (_stream is MemoryStream memory && memory.Length + bytes.Length > InMemory)
        {
            _stream = OpenFile();
            memory.Position = 0;
            await memory.CopyToAsync(_stream, cancel);
        }
        await _stream.WriteAsync(bytes, cancel);
    }

    /// <summary>What is held, from its beginning. Whoever reads it disposes it in the place of this.</summary>
    public Stream Open()
    {
        _stream.Position = 0;
        return _stream;
    }

    public void Dispose() => _stream.Dispose();

    private static FileStream OpenFile()
    {
        var file = new FileStream(Path.Combine(Path.GetTempPath(), $"fn-held-{Guid.NewGuid():N}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Delete(file.Name);
        return file;
    }
}
