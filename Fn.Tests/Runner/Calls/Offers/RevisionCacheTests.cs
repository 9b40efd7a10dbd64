using Fn.Runner.Calls.Offers;
using Fn.Tests.Fakes;
using Xunit;

namespace Fn.Tests.Runner.Calls.Offers;

public sealed class RevisionCacheTests
{
    [Fact]
    public void Find_Unknown_Null() => Assert.Null(new RevisionCache(2).Find("x"));

    [Fact]
    public void Add_Twice_KeepsTheFirst()
    {
        var cache = new RevisionCache(2);
        var (first, second) = (Samples.Function(), Samples.Function());
        cache.Add(first);
        cache.Add(second);

        Assert.Same(first, cache.Find(second.Revision));
    }

    [Fact]
    public void Add_OverCapacity_DropsTheLeastRecentlyUsed()
    {
        var cache = new RevisionCache(2);
        var (a, b, c) = (Samples.Function("a"), Samples.Function("b"), Samples.Function("c"));
        cache.Add(a);
        cache.Add(b);
        cache.Find(a.Revision);

        cache.Add(c);

        Assert.Same(a, cache.Find(a.Revision));
        Assert.Null(cache.Find(b.Revision));
        Assert.Same(c, cache.Find(c.Revision));
    }
}
