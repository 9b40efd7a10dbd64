using System.Text;
using Fn.Api.Json;
using Xunit;

namespace Fn.Tests.Api.Json;

public class Utf8OrderTests
{
    private static readonly string[] Texts = ["", "A", "Z", "a", "ab", "é", "日", "\uFFFD", "\uE000", "😀", "😁", "😀a", "\uD7FF"];

    [Fact]
    public void Compare_AnyTwo_OrdersByBytes()
    {
        foreach (var one in Texts)
        {
            foreach (var other in Texts)
            {
                var bytes = Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
                Assert.Equal(Math.Sign(bytes), Math.Sign(Utf8Order.Instance.Compare(one, other)));
            }
        }
    }
}
