using Fn.ServiceDefaults.Contracts;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fn.Tests.ServiceDefaults.Contracts;

public sealed class FnIdTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 2, 25, 9, 891, TimeSpan.Zero));

    [Fact]
    public void New_Id_Is26CharactersThatBeginWithTheMillisecondsSinceTheEpoch()
    {
        var id = FnId.New(_time);

        Assert.Matches("^[0-7][0-9A-HJKMNP-TV-Z]{25}$", id);
        Assert.Equal((UInt128)_time.GetUtcNow().ToUnixTimeMilliseconds(), Decode(id) >> 80);
    }

    [Fact]
    public void New_IdsOfOneProcess_ShareItsPartAndCountUp()
    {
        var (first, second) = (Decode(FnId.New(_time)), Decode(FnId.New(_time)));

        Assert.Equal(Machine(first), Machine(second));
        // Others of the process may count between the two.
        Assert.True((uint)second > (uint)first);
    }

    [Fact]
    public void New_Later_SortsBehind()
    {
        var ids = new List<string>();
        for (var i = 0; i < 100; i++, _time.Advance(TimeSpan.FromMilliseconds(1)))
            ids.Add(FnId.New(_time));

        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
    }

    private static ulong Machine(UInt128 id) => (ulong)(id >> 32) & 0xFFFF_FFFF_FFFF;

    private static UInt128 Decode(string id) => id.Aggregate(UInt128.Zero, (value, c) => (value << 5) | (UInt128)"0123456789ABCDEFGHJKMNPQRSTVWXYZ".IndexOf(c, StringComparison.Ordinal));
}
