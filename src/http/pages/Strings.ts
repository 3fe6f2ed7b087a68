/**
 * Every sentence that people are shown, in one place, to be put into another language.
 *
 * Plain language; says what happened and what to do. Never a name or value: those are put in by the pages.
 */
export const strings = {
  unavailable: "The server cannot do this at the moment. Try again in a little while.",
  notAtHome: (issuer: string) => `This page is served at ${issuer} only.`,
  home: { whatItIs: "An OAuth 2.1 authorization server. Its issuer is" },
  message: {
    title: "This cannot be done",
    back: "Back to the application",
  },
  login: {
    title: "Sign in",
    name: "Name",
    password: "Password",
    submit: "Sign in",
    unavailable:
      "Nobody can sign in here: the provider behind this server has no login. For development, start it with --auto-approve NAME on a loopback issuer, and use a loopback redirect URI.",
    upstreamRefused: "Signing in did not work over there. Go back, and try again.",
    wrong: "Name or password is wrong.",
    busy: "Many people sign in at the moment. Try again in a second.",
    tooMany: "That was tried too often. Wait a minute, and try again.",
  },
  consent: {
    title: "Allow access?",
    asks: "asks to do this for",
    clientId: "Client id",
    answerGoes: "The answer goes to",
    resource: "For use with",
    allow: "Allow",
    deny: "Deny",
    switchAccount: "Use another account",
    toThisComputer: (host: string) => `a program on this computer (${host})`,
    toSite: (host: string) => `the site ${host}`,
    toApp: (scheme: string) => `the app that opens ${scheme} links`,
    unreadable:
      "This request was begun in another browser, or is damaged. Go back to the application, and start again.",
    expired: "This request has expired. Go back to the application, and start again.",
    answered: "This request was answered already. To connect anew, go back to the application, and start again.",
    clientUnknown: "The application is not known here any more.",
    clientChanged: "The application has changed while you were asked. Go back to it, and start again.",
    signedOut:
      "You have been signed out, or signed in as somebody else, since this page was shown. Go back, and try again.",
    noDecision: "Choose whether to allow or to deny.",
  },
  account: {
    title: "Your account",
    signedInAs: "Signed in as",
    apps: "Connected apps",
    noApps: "No app is connected.",
    since: "Since",
    until: "At most until",
    renewed: "Last renewed",
    revoke: "Disconnect",
    revokeAll: "Disconnect all apps",
    sessions: "Where you are signed in",
    thisBrowser: "this browser",
    endSession: "Sign out there",
    signOut: "Sign out",
    signOutEverywhere: "Sign out everywhere",
    password: "Password",
    presentPassword: "Present password",
    newPassword: "New password, at least 8 characters",
    repeatPassword: "New password again",
    changePassword: "Change password",
    noAction: "That is not something this page does.",
    passwordTooShort: "The new password is too short.",
    passwordsDiffer: "The new password was not repeated the same.",
    passwordWrong: "The present password is wrong.",
    passwordChanged: "The password was changed. Other browsers have been signed out.",
  },
} as const
