namespace Fn.Api.Security;

/// <summary>Who a path is for.</summary>
internal enum Access
{
    /// <summary>Needs a management token. What no other rule names.</summary>
    Manage,

    /// <summary>Needs a management or an invocation token.</summary>
    Invoke,

    /// <summary>The dashboard, which asks by itself: for a management token, or for a session that one was given for.</summary>
    SignIn,

    /// <summary>Needs none.</summary>
    Anyone,
}
