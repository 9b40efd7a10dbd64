using Fn.Api.Store.Postgres;
using Xunit;

namespace Fn.Tests.Api.Store.Postgres;

public sealed class PostgresAddressTests
{
    [Fact]
    public void Parse_Url_IsReadAsClientsWriteIt()
    {
        var address = PostgresAddress.Parse("postgres://me:p%40ss@[::1]:5433/my%20db?sslmode=verify-full");
        Assert.Equal(("::1", 5433, "me", "p@ss", "my db", Npgsql.SslMode.VerifyFull), (address.Host, address.Port, address.Username, address.Password, address.Database, address.SslMode));
    }

    [Fact]
    public void Parse_Words_AreKept()
    {
        var address = PostgresAddress.Parse("Host=db;Port=6000;Username=u;Password=p;Database=fndb;Application Name=mine");
        Assert.Equal(("db", 6000, "u", "p", "fndb", "mine"), (address.Host, address.Port, address.Username, address.Password, address.Database, address.ApplicationName));
        Assert.Equal("fn", PostgresAddress.Parse("Host=db").ApplicationName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("a\0b\u0001c\u000101")]
    public void NulText_AnyText_ComesBack(string text)
    {
        Assert.DoesNotContain('\0', NulText.Escape(text));
        Assert.Equal(text, NulText.Unescape(NulText.Escape(text)));
    }
}
