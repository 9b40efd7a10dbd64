using System.Buffers;
using Fn.Api.Json;
using Xunit;

namespace Fn.Tests.Api.Json;

public sealed class PieceWriterTests
{
    [Fact]
    public void Written_Nothing_IsEmpty() => Assert.True(new PieceWriter().Written.IsEmpty);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(30_000)]
    [InlineData(PieceWriter.Most + 1)]
    public void Written_ManyParts_IsAllOfThemInTheirOrder(int most)
    {
        var random = new Random(most);
        var writer = new PieceWriter();
        var expected = new List<byte>();
        while (expected.Count < 400_000)
        {
            var part = new byte[random.Next(most + 1)];
            random.NextBytes(part);
            // What is asked for at least, and what is used of it.
            part.CopyTo(writer.GetSpan(part.Length));
            writer.Advance(part.Length);
            expected.AddRange(part);
        }

        Assert.Equal(expected, writer.Written.ToArray());
        Assert.Equal(expected.Count, writer.Written.Length);
    }

    [Fact]
    public void Written_Much_HasNoLargePiece()
    {
        var writer = new PieceWriter();
        for (var i = 0; i < 10_000; i++)
            writer.Write("some hundred bytes"u8);

        var sizes = new List<int>();
        foreach (var piece in writer.Written)
            sizes.Add(piece.Length);
        Assert.InRange(sizes.Max(), 1, PieceWriter.Most);
        Assert.InRange(sizes.Count, 3, 12);
    }
}
