using System.Buffers;

namespace Fn.Api.Json;

/// <summary>
/// Bytes of any number, in pieces: none is moved because more come, and none is so large that the collector keeps it apart until it goes through everything. A
/// list of some thousand pools, asked for ten times a second, left 20 MB of such a second.
/// </summary>
internal sealed class PieceWriter : IBufferWriter<byte>
{
    /// <summary>The largest piece, unless more is asked for at once; large arrays begin at 85,000 bytes.</summary>
    public const int Most = 64 * 1024;

    private const int Least = 512;

    private readonly Piece _first = new(Least, 0);
    private Piece _last;

    public PieceWriter() => _last = _first;

    public ReadOnlySequence<byte> Written => new(_first, 0, _last, _last.Filled);

    public void Advance(int count) => _last.Fill(count);

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last.Free.Length < Math.Max(1, sizeHint))
            _last = _last.Follow(Math.Max(sizeHint, Math.Min(Most, 2 * _last.Size)));
        return _last.Free;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        private readonly byte[] _bytes;

        public Piece(int size, long before)
        {
            _bytes = new byte[size];
            RunningIndex = before;
        }

        public int Size => _bytes.Length;

        public int Filled { get; private set; }

        public Memory<byte> Free => _bytes.AsMemory(Filled);

        public void Fill(int count) => Memory = _bytes.AsMemory(0, Filled += count);

        public Piece Follow(int size)
        {
            var next = new Piece(size, RunningIndex + Filled);
            Next = next;
            return next;
        }
    }
}
