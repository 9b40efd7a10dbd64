using Fn.ServiceDefaults.Hosting;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>Reads <c>ConnectionStrings:fndb</c>: <c>Host=...;Username=...;Password=...;Database=...</c> or <c>postgres://user:password@host:port/database</c>.</summary>
internal static class PostgresAddress
{
    public const string Name = "fndb";
    public const string Key = "ConnectionStrings:" + Name;

    /// <exception cref="FnStartException">It is neither. The message does not repeat it: it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var address = text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
                ? ParseUrl(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(address.Host))
                throw new FnStartException($"{Key} names no host: give it as Host=HOST;Username=USER;Password=PASSWORD;Database=NAME");
            address.ApplicationName ??= "fn";
            return address;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new FnStartException($"{Key} is no address of a PostgreSQL database: give it as Host=HOST;Username=USER;Password=PASSWORD;Database=NAME", e);
        }
    }

    private static NpgsqlConnectionStringBuilder ParseUrl(Uri url)
    {
        var address = new NpgsqlConnectionStringBuilder { Host = url.Host.Trim('[', ']') };
        if (url.Port > 0)
            address.Port = url.Port;
        if (url.AbsolutePath.Length > 1)
            address.Database = Uri.UnescapeDataString(url.AbsolutePath[1..]);
        if (url.UserInfo.Length > 0)
        {
            var user = url.UserInfo.Split(':', 2);
            address.Username = Uri.UnescapeDataString(user[0]);
            if (user.Length > 1)
                address.Password = Uri.UnescapeDataString(user[1]);
        }
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            // As libpq writes it; its values are the same without hyphens.
            address[name.Equals("sslmode", StringComparison.OrdinalIgnoreCase) ? "SSL Mode" : name] = value.Replace("-", "", StringComparison.Ordinal);
        }
        return address;
    }
}
