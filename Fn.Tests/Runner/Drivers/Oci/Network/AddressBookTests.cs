using Fn.Runner.Drivers.Oci.Network;
using Xunit;

namespace Fn.Tests.Runner.Drivers.Oci.Network;

public sealed class AddressBookTests
{
    [Fact]
    public void TryTake_WholeBlock_IsAllButTheNamedOnes()
    {
        var book = new AddressBook(Ipv4BlockTests.Block("10.199.0.0/29"));

        Assert.Equal(["10.199.0.2", "10.199.0.3", "10.199.0.4", "10.199.0.5", "10.199.0.6", ""], Enumerable.Range(0, 6).Select(_ => Take(book)));
    }

    [Fact]
    public void TryTake_GivenBack_ComesAfterThoseNeverUsedAndInOrder()
    {
        var book = new AddressBook(Ipv4BlockTests.Block("10.199.0.0/29"));
        var (first, second) = (book.TryTake()!.Value, book.TryTake()!.Value);
        book.GiveBack(second);
        book.GiveBack(first);

        Assert.Equal(["10.199.0.4", "10.199.0.5", "10.199.0.6", "10.199.0.3", "10.199.0.2", ""], Enumerable.Range(0, 6).Select(_ => Take(book)));
    }

    [Fact]
    public void TryTake_BlockOfARunner_IsForAsManyAsABridgeHasPorts()
    {
        var book = new AddressBook(Ipv4BlockTests.Block("10.199.0.0/22"));

        Assert.Equal(1021, Enumerable.Range(0, 2000).TakeWhile(_ => book.TryTake() is not null).Count());
    }

    private static string Take(AddressBook book) => book.TryTake() is { } address ? Ipv4Block.ToText(address) : "";
}
