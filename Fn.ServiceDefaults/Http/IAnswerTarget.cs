namespace Fn.ServiceDefaults.Http;

/// <summary>What an answer is written to: its head first, then its body.</summary>
public interface IAnswerTarget
{
    /// <inheritdoc cref="IAnswerHead.NeedsFirstChunk"/>
    bool NeedsFirstChunk { get; }

    /// <summary>True once the head was written: another answer is no longer possible.</summary>
    bool HasStarted { get; }

    /// <summary>Writes the head; nothing has to leave yet.</summary>
    /// <param name="firstChunk">The body's first bytes, which are written after this; empty when the head leaves before them.</param>
    /// <param name="contentLength">The body's length in bytes; null: it is not known.</param>
    /// <param name="readerLeft">Cancelled when whoever the answer is for has gone.</param>
    Task StartAsync(ReadOnlyMemory<byte> firstChunk, long? contentLength, CancellationToken readerLeft);

    /// <summary>Writes the head of an answer that has no body by its status.</summary>
    void WriteHeadOnly();

    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Room for at least so many bytes of the body, to be read into and then counted by <see cref="Advance"/>.</summary>
    Memory<byte> GetMemory(int size);

    void Advance(int count);

    /// <summary>Has leave what was written. Throws <see cref="OperationCanceledException"/> when whoever it is for has gone.</summary>
    ValueTask FlushAsync(CancellationToken readerLeft);
}
