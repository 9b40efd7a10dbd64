using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Fn.Api.Dashboard.SignIn;

/// <summary>
/// What a browser holds instead of a token: until when it may come in, and proof that a token was known to whoever asked for that. Proven by keys derived
/// from the tokens, so every gateway with the same tokens takes it, nothing is kept, and a token that is withdrawn takes its sessions with it.
/// </summary>
internal sealed class SessionCookie(IOptions<ApiOptions> options, TimeProvider time)
{
    public const string Name = "fn-dashboard";

    /// <summary>How long a sign-in lasts: a working day.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly byte[][] _keys = [.. options.Value.Tokens.Select(DeriveKey)];

    /// <summary>The value for somebody who has shown this token.</summary>
    public string Issue(string token)
    {
        var until = (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{until}.{Convert.ToHexStringLower(Prove(DeriveKey(token), until))}";
    }

    /// <summary>How much longer a value lets in; null: not at all.</summary>
    public TimeSpan? Check(string? value)
    {
        if (value?.Split('.', 2) is not [var until, var proof] || !long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return null;
        var given = Encoding.ASCII.GetBytes(proof);
        var proven = false;
        foreach (var key in _keys)
            proven |= CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Prove(key, until))));
        var left = DateTimeOffset.FromUnixTimeSeconds(seconds) - time.GetUtcNow();
        return proven && left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Scripts do not see it, and no other site's page sends it.</summary>
    public static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps,
        Path = request.PathBase.Value,
        MaxAge = Lifetime,
    };

    private static byte[] Prove(byte[] key, string until) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(until));

    private static byte[] DeriveKey(string token) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(token), SHA256.HashSizeInBytes, info: "fn dashboard session"u8.ToArray());
}
